import Domain
import HTTP
import JSON
import Runtime
import Testing
import TestSupport

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ForecastRouteTests {
  /// A Velocity client a day for twenty days, and stock for thirty of them.
  private func planted() async throws -> APIWorld {
    let world = APIWorld()
    try await world.stock(.phoneNumber, (0..<60).map { "+1424485\(1_000 + $0)" })
    for day in 0..<20 {
      let client = try await world.pool.client("Company \(day)")
      let answer = try await world.services.subscriptions.confirm(
        client, tier: .velocity, actor: .commandLine)
      guard case .fresh(.done) = answer else { throw APIWorld.Unexpected(what: "\(answer)") }
      world.clock.advance(by: .hours(24))
    }
    return world
  }

  private func kind(_ name: JSONValue, of forecast: JSONValue) -> JSONValue? {
    forecast["kinds"]?.array?.first { $0["resource_type"] == name }
  }

  @Test func `tells supply, need, shortage and what to order`() async throws {
    let world = try await planted()
    let today = TimeZoneName.utc.date(at: world.clock.now)
    let forecast = try await world.send("GET", "/v1/forecast").json
    #expect(forecast["from_on"] == .string("\(today)"))
    #expect(forecast["until_on"] == .string("\(today.adding(days: 59))"))
    #expect(forecast["history"]?["days"] == 20)
    let velocity: JSONValue = ["tier": "velocity", "signed_up": 20, "left": 0]
    #expect(forecast["history"]?["tiers"]?.array?.contains(velocity) == true)
    #expect(forecast["kinds"]?.array?.count == 4)
    let numbers = try #require(kind("phone_number", of: forecast))
    // Sixty less two for each of twenty clients; two a day go on being asked for.
    #expect(numbers["stock"] == 20 && numbers["backordered"] == 0)
    #expect(numbers["first_shortage_on"] == .string("\(today.adding(days: 10))"))
    let days = try #require(numbers["days"]?.array)
    #expect(days.count == 60 && days[9]["need"]?["expected"] == 20)
    #expect(days[9]["supply"] == ["low": 20, "expected": 20, "high": 20])
    // The buffer of forty assigned numbers is sixteen; twenty lie ready.
    #expect(numbers["buffer"] == ["level": "ok", "assigned": 40, "required": 16, "available": 20])
    let domains = try #require(kind("email_domain", of: forecast))
    #expect(domains["backordered"] == 100 && domains["first_shortage_on"] == .string("\(today)"))
    #expect(domains["order_today"]?["for_buffer"] == 100)
    let order = try #require(domains["order_today"])
    #expect(order["quantity"] == order["for_forecast"])
    #expect(order["arrives_on"] == .string("\(today.adding(days: 23))"))
    let capacity = forecast["capacity"]?["tiers"]?.array ?? []
    #expect(capacity.count == 3 && capacity.allSatisfy { $0["expected"] == 0 })
  }

  @Test func `takes less history, and a day`() async throws {
    let world = try await planted()
    let by = TimeZoneName.utc.date(at: world.clock.now).adding(days: 5)
    let forecast = try await world.send("GET", "/v1/forecast?history_days=7&by=\(by)").json
    #expect(forecast["history"]?["days"] == 7)
    #expect(forecast["capacity"]?["by_on"] == .string("\(by)"))
    _ = await world.send("PUT", "/v1/tiers/letters", Self.letters)
    let capacity = try await world.send("GET", "/v1/forecast").json["capacity"]?["tiers"]?.array ?? []
    #expect(capacity.first { $0["tier"] == "letters" }?["low"] == .null, "any number")
  }

  private static let letters: JSONValue = [
    "price_cents": 1, "lead_quota": 0, "email_domains": 0, "mailboxes": 0, "phone_numbers": 0,
    "linkedin_seats": 0,
  ]

  @Test(arguments: [
    ("history_days=6", "history_days"), ("history_days=731", "history_days"),
    ("history_days=x", "history_days"),
    ("by=2026-02-30", "by"), ("by=soon", "by"), ("by=1999-01-01", "by"), ("by=9999-12-31", "by"),
    ("days=9", "days"),
  ])
  func `refuses what it does not understand, and names it`(query: String, fault: String) async throws {
    let answer = await APIWorld().send("GET", "/v1/forecast?\(query)")
    #expect(answer.status == .badRequest && answer.faults == [fault])
  }
}
