import Domain
import Engine
import Postgres
import Runtime
import Testing
import TestSupport

/// A pool with its lease service on a manual clock.
struct LeaseWorld: Sendable {
  let pool: PoolFixture
  let clock: ManualClock
  let leases: LeaseService
  var database: Database { pool.database }

  init(poolSize: Int = 8, failsFirstAttempt: Bool = false, lanes: Int = 2) {
    pool = PoolFixture(poolSize: poolSize, failsFirstAttempt: failsFirstAttempt)
    clock = ManualClock()
    leases = LeaseService(database: pool.database, time: clock, lanes: lanes)
  }

  func ask(
    _ lead: ID<Lead>, _ company: String = "Acme", near: String? = nil, phone: String? = nil
  ) async throws -> LeaseOutcome {
    let command = LeaseCommand(
      pool: .company(CompanyName(unchecked: company)), leadID: lead,
      customerPhone: phone.map(PhoneNumber.init(unchecked:)), near: near.flatMap(Near.init),
      actor: .commandLine)
    guard case .fresh(let outcome) = try await leases.lease(command) else {
      throw Unexpected(what: "a replay")
    }
    return outcome
  }

  /// The lease that the lead is granted or holds.
  func lease(_ lead: ID<Lead>, _ company: String = "Acme", near: String? = nil) async throws -> Lease {
    switch try await ask(lead, company, near: near) {
    case .granted(let lease), .held(let lease): return lease
    case let other: throw Unexpected(what: "\(other)")
    }
  }

  func call(_ lease: Lease, _ kind: LeaseCall.Kind, term: Int64? = nil) async throws -> LeaseCallOutcome {
    let call = LeaseCall(id: lease.id, kind: kind, term: term, actor: .commandLine)
    guard case .fresh(let outcome) = try await leases.change(call) else { throw Unexpected(what: "a replay") }
    return outcome
  }

  func pointer(of lead: ID<Lead>) async throws -> String? {
    try await pool.value("SELECT assigned_phone_number_id FROM leads WHERE id = \(lead)", as: String?.self)
      .flatMap { $0 }
  }

  /// Invariants 2, 6 and 7, proved from the tables.
  func expectClean(_ location: SourceLocation = #_sourceLocation) async throws {
    for result in try await CheckService(database: database, time: clock).run() {
      #expect(result.isClean, "\(result)", sourceLocation: location)
    }
  }

  struct Unexpected: Error { let what: String }
}
