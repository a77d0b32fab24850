import JSON
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `Supply commands` {
  @Test func `buy by hand, from the budget into the pool`() async throws {
    let broke = try await onDatabase("orders", "request", "linkedin_seat", "2", "--unit-price", "100")
    #expect(broke.status == .code(1) && broke.text.contains("0 cents are left"))
    try await done("supply", "budget", "--monthly", "1000", "--approval-above", "150")
    try await done("supply", "buy", "linkedin_seat", "--unit-price", "100", "--auto-order", "yes")
    let order = try await document("orders", "request", "linkedin_seat", "2", "--reason", "for the fair")
    #expect(order["status"]?.string == "requested" && order["cost_cents"]?.int == 200)
    let id = try #require(order["id"]?.string)
    let early = try await onDatabase("orders", "place", id)
    #expect(early.status == .code(1) && early.text.contains("only an order that is approved"))
    #expect(try await done("orders", "approve", id).contains("approved since"))
    try await done("orders", "place", id, "--reference", "invoice 7")
    let csv = "resource_type,resource_value\nlinkedin_seat,seat_1\nlinkedin_seat,seat 2\n"
    let url = TestDatabase.conninfo
    let part = try await reservoir(["orders", "deliver", id, "-", "--database-url", url], input: csv)
    #expect(part.status == .code(1) && part.text.contains("1 taken, 1 refused"))
    let rest = try await reservoir(
      ["orders", "deliver", id, "-", "--database-url", url],
      input: "resource_type,resource_value\nlinkedin_seat,seat_2\n")
    #expect(rest.status == .code(0) && rest.text.contains("available since"))
    let shown = try await document("orders", "show", id)
    #expect(shown["order"]?["values"]?.array?.count == 2)
    #expect(shown["history"]?.array?.last?["reason"]?.string == "for the fair")
    #expect(try await document("orders", "list", "--status", "available").array?.count == 1)
    let supply = try await document("supply", "show")
    #expect(supply["buffer"]?[3]?["available"]?.int == 2)
    #expect(supply["purchasing"]?["spent_cents"]?.int == 200)
    #expect(try await done("supply", "show").contains("linkedin_seat"))
    #expect(try await document("supply", "alerts") == [])
    let twice = try await onDatabase("orders", "fail", id, "--reason", "late")
    #expect(twice.status == .code(1) && twice.text.contains("ended already"))
  }

  @Test func `refuse what cannot be bought`() async throws {
    let stranger = try await onDatabase("supply", "buy", "email_domain", "--provider", "infraforge")
    #expect(stranger.status == .code(1) && stranger.text.contains("can be bought from: manual"))
    let part = try await onDatabase("supply", "buy", "email_domain", "--stems", "Acme!")
    #expect(part.status == .code(2))
    let nobody = try await onDatabase("orders", "approve", Commands.nobody)
    #expect(nobody.status == .code(1) && nobody.text.contains("there is no such order"))
    #expect(try await onDatabase("orders", "show", "7").status == .code(2))
  }

  @Test func `say what a provider's settings lack`() async throws {
    let key = ["--database-url", TestDatabase.conninfo, "supply", "show"]
    let settings = ["RESERVOIR_INFRAFORGE_KEY": "hush-hush"]
    let lonely = try await reservoir(key, environment: settings)
    #expect(lonely.status == .code(1) && lonely.text.contains("--infraforge-workspace"))
    let more = settings.merging(["RESERVOIR_INFRAFORGE_WORKSPACE": "ws_1"]) { one, _ in one }
    let faceless = try await reservoir(key, environment: more)
    #expect(faceless.status == .code(1) && faceless.text.contains("--infraforge-contact"))
    let all = more.merging(["RESERVOIR_INFRAFORGE_CONTACT": "/dev/null"]) { one, _ in one }
    let empty = try await reservoir(key, environment: all)
    #expect(empty.status == .code(1) && empty.text.contains("is no registrant: "))
    for run in [lonely, faceless, empty] { #expect(!run.text.contains("hush-hush")) }
  }
}
