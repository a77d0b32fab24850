import Domain
import Engine
import Postgres
import Runtime
import TestSupport
import Testing

/// A database with the schema, a clock that stands still, and the services on them.
struct World {
  let pool: PoolFixture
  let clock = ManualClock()
  let actor = Actor.commandLine

  init(poolSize: Int = 8, failsFirstAttempt: Bool = false) {
    pool = PoolFixture(poolSize: poolSize, failsFirstAttempt: failsFirstAttempt)
  }

  var database: Database { pool.database }
  var clients: ClientService { ClientService(database: database, time: clock) }
  var leads: LeadService { LeadService(database: database, time: clock) }
  var numbers: NumberService { NumberService(database: database, time: clock) }
  var pools: PoolService { PoolService(database: database, time: clock) }
  var check: CheckService { CheckService(database: database, time: clock) }

  func client(_ name: String, lowWaterMark: Int = 1) async throws -> Client {
    let new = NewClient(companyName: CompanyName(unchecked: name), lowWaterMark: lowWaterMark)
    guard case .fresh(.created(let client)) = try await clients.create(new, actor: actor) else {
      throw Unexpected()
    }
    return client
  }

  /// A new lead.
  func lead(_ new: NewLead) async throws -> LeadDetail {
    guard case .fresh(.created(let lead)) = try await leads.create(new, actor: actor) else {
      throw Unexpected()
    }
    return lead
  }

  /// Leases a number by plain SQL at the clock's time.
  func lease(_ number: String, to lead: ID<Lead>, for hold: Duration = .hours(18)) async throws {
    try await at(clock.now) { transaction in
      _ = try transaction.execute(
        """
        UPDATE signalwire_phone_numbers
        SET currently_assigned_to = \(lead), release_at = \(clock.now + hold)
        WHERE vapi_phone_number_id = \(number)
        """)
    }
  }

  /// Runs SQL for which it is `now`.
  func at(_ now: Timestamp, _ body: @escaping @Sendable (inout Transaction) throws -> Void) async throws {
    try await database.transaction { transaction in
      transaction.enqueue("SELECT set_config('reservoir.now', \(now.description), true)")
      try body(&transaction)
    }
  }

  func use<Outcome>(
    _ key: String, _ request: UInt8 = 1, answer: @escaping @Sendable (Outcome) -> KeptAnswer?
  ) -> Idempotency<Outcome> {
    Idempotency(.init(principalID: nil, key: key, fingerprint: [request]), answer: answer)
  }

  struct Unexpected: Error {}
}

extension Answered {
  /// What the command did now.
  var outcome: Outcome {
    get throws {
      guard case .fresh(let outcome) = self else { throw World.Unexpected() }
      return outcome
    }
  }
}
