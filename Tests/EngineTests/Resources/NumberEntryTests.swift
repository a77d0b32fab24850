import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

/// A telephone number is one truth, whichever pool it enters first.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct NumberEntryTests {
  let world = ResourceWorld()

  func numbers(_ query: SQL) async throws -> [String] { try await world.pool.column(query) }

  /// Brings in the number of the world's first resource, for a company or for none.
  func enter(_ company: String?, count: Int = 1) async throws {
    let rows = NumberImport(
      (0..<count).map {
        NumberImportRow(
          row: $0 + 1, vapiPhoneNumberID: "pn-\($0)", number: "+1424485\(1_000 + $0)", name: "N",
          assignedBrokerCompany: company)
      })
    let service = NumberService(database: world.pool.database, time: world.clock)
    let outcome = try await service.importNumbers(rows.numbers, actor: .commandLine)
    guard case .fresh(.imported) = outcome else { return #expect(Bool(false), "\(outcome)") }
  }

  @Test func `numbers that enter with a company are its client's resources, told once`() async throws {
    let acme = try await world.client("Acme")
    try await enter("Acme", count: 3)
    let owned = try await world.owned(acme)
    #expect(owned.map(\.status) == [.assigned, .assigned, .assigned])
    #expect(owned.allSatisfy { $0.currentClients == 1 })
    #expect(
      try await numbers("SELECT kind FROM resource_ledger ORDER BY kind")
        == ["added", "added", "added", "assigned", "assigned", "assigned"])
    try await world.expectClean()
  }

  @Test func `numbers that enter without a company are free resources`() async throws {
    try await enter(nil, count: 2)
    #expect(
      try await numbers("SELECT status FROM resource_pool") == ["available", "available"])
    try await world.expectClean()
  }

  @Test func `a resource that a client has stays its own when its number enters without a company`()
    async throws
  {
    let acme = try await world.client("Acme")
    try await world.stock(ResourceCounts(phoneNumbers: 1))
    _ = try await world.assignments.assign(
      ResourceCounts(phoneNumbers: 1), to: acme, actor: .commandLine)
    try await enter(nil)
    #expect(
      try await numbers("SELECT assigned_broker_company FROM signalwire_phone_numbers") == ["Acme"])
    #expect(try await world.counts(acme).phoneNumbers == 1)
    try await world.expectClean()
  }

  @Test func `a number that left the pool of numbers and is back is in use again`() async throws {
    let acme = try await world.client("Acme")
    try await enter("Acme")
    try await world.pool.execute("DELETE FROM signalwire_phone_numbers")
    #expect(try await numbers("SELECT status FROM resource_pool") == ["retired"])
    try await enter("Acme")
    #expect(try await world.owned(acme).map(\.status) == [.assigned])
    for digits in ["+14244851999", "+14244851000"] {
      try await world.pool.execute("UPDATE signalwire_phone_numbers SET number = \(digits)")
    }
    #expect(try await world.owned(acme).map { "\($0.value.text) \($0.status)" } == ["+14244851000 assigned"])
    try await world.expectClean()
  }

  @Test func `a free resource goes to the company with which its number enters`() async throws {
    let acme = try await world.client("Acme")
    try await world.stock(ResourceCounts(phoneNumbers: 2))
    try await enter("Acme")
    #expect(try await world.counts(acme).phoneNumbers == 1)
    try await world.expectClean()
  }
}
