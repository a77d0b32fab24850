import Domain
import JSON
import Postgres
import Runtime
import Store

/// The right to be forgotten: all that is personal goes, everywhere and at once; keys stay, so that the
/// person is recognised and never imported or contacted again.
public struct ErasureService: Sendable {
  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// What was forgotten: counts of rows, nothing of the person.
  public struct Report: Hashable, Sendable {
    public var erasedAt: Timestamp
    /// The rows of the pool that were this person; none for somebody who was not in it.
    public var leads: [ID<Lead>]
    /// Keys by which the person stays known that were not kept before.
    public var suppressions = 0
    /// Rows that were emptied or removed, by table.
    public var rows: [Table: Int] = [:]
  }

  public enum Table: String, CaseIterable, Hashable, Sendable {
    case suppressions
    case assignments = "lead_assignments"
    case leadPool = "lead_pool"
    case identities = "lead_identities"
    case records = "lead_records"
    /// With `lead_changes` and `lead_merges`.
    case traces = "lead_conflicts"
    case scores = "lead_scores"
    case matches = "lead_matching"
    case leads
    case leases = "signalwire_phone_numbers"
    case numberLedger = "phone_number_ledger"
    case interactions
    case answers = "idempotency_keys"
  }

  public enum Outcome: Hashable, Sendable {
    case done(Report)
    case unknownLead
    /// Several people have this address: an operator says which, or that all are meant.
    case several([ID<Lead>])
  }

  /// What a command is told when its kept answer spoke of somebody who was forgotten.
  private static let gone: (status: Int, body: [UInt8]) = (
    410,
    JSON.write { writer in
      writer.object {
        $0.field("type", "urn:reservoir:problem:forgotten")
        $0.field("title", "What this was about has been forgotten")
        $0.field("status", 410)
      }
    }
  )

  /// Forgets a lead, and all that was merged into it or that it was merged into.
  public func erase(
    _ lead: ID<Lead>, actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    try await run([lead], address: nil, isRequired: true, actor: actor, idempotency: idempotency)
  }

  /// Forgets whoever has this address; also somebody who is not in the pool, and will not be.
  ///
  /// - Parameter all: everybody who has it, where that is more than one person.
  public func erase(
    _ address: ContactAddress, all: Bool = false, actor: Actor, idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    // Whole tables are read: not while others wait for us.
    let options = TransactionOptions(isReadOnly: true, statementTimeout: .zero)
    let found = try await database.transaction(options) {
      try PersonStore.everybody(with: address, in: &$0)
    }
    if found.count > 1, !all {
      let people = try await database.transaction(.init(isReadOnly: true)) { transaction in
        Set(try found.map { try PersonStore.rows(of: $0, in: &transaction).first ?? $0 })
      }
      if people.count > 1 { return .fresh(.several(found)) }
    }
    return try await run(
      found, address: address, isRequired: false, actor: actor, idempotency: idempotency)
  }

  private func run(
    _ leads: [ID<Lead>], address: ContactAddress?, isRequired: Bool, actor: Actor,
    idempotency: Idempotency<Outcome>?
  ) async throws -> Answered<Outcome> {
    let now = time.now
    let options = TransactionOptions(statementTimeout: .zero)
    return try await database.transaction(options) { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "erased", now: now, in: &transaction)
        SuppressionStore.beginErasure(in: &transaction)
        try PersonStore.takeIn(leads, now: now, in: &transaction)
        let rows = try Set(leads.flatMap { try PersonStore.rows(of: $0, in: &transaction) }).sorted()
        if rows.isEmpty && isRequired { return .unknownLead }
        return .done(try Self.forget(rows, address, now: now, in: &transaction))
      }
    }
  }

  /// Locks the rows of a person. A merge that was under way may have made more of them meanwhile.
  private static func lock(
    _ leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> (leads: [ID<Lead>], locked: [PoolLead]) {
    var leads = leads
    while true {
      let locked = try PoolLeadStore.lock(leads, in: &transaction)
      let now = try Set(leads.flatMap { try PersonStore.rows(of: $0, in: &transaction) }).sorted()
      if now == leads { return (leads, locked) }
      leads = now
    }
  }

  private static func forget(
    _ leads: [ID<Lead>], _ address: ContactAddress?, now: Timestamp, in transaction: inout Transaction
  ) throws -> Report {
    let (leads, locked) = try lock(leads, in: &transaction)
    let callers = try PersonStore.callers(of: leads, in: &transaction)
    let (emails, numbers) = try PersonStore.lockCallers(callers, in: &transaction)
    var addresses = Erasure.remembered(of: locked.map(\.facts), emails: emails, numbers: numbers)
    if let address, !addresses.contains(address) { addresses.append(address) }
    var report = Report(erasedAt: now, leads: leads)
    report.suppressions = try LeadErasureStore.rememberKeys(
      of: leads, and: addresses, now: now, in: &transaction)
    report.rows[.suppressions] = try LeadErasureStore.forgetSuppressions(
      of: leads, and: addresses, in: &transaction)
    report.rows[.answers] = try LeadErasureStore.emptyAnswers(
      about: callers, and: addresses, gone: gone, in: &transaction)
    let claims = try LeadErasureStore.removeClaims(naming: addresses, in: &transaction)
    report.rows[.traces] = claims
    guard !leads.isEmpty else { return report }
    report.rows[.assignments] = try LeadErasureStore.releaseAssignments(
      of: leads, now: now, in: &transaction)
    report.rows[.leadPool] = try LeadErasureStore.emptyLeads(leads, now: now, in: &transaction)
    report.rows[.identities] = try LeadErasureStore.removeIdentities(of: leads, in: &transaction)
    report.rows[.records] = try LeadErasureStore.removeRecords(of: leads, in: &transaction)
    report.rows[.traces] = try claims + LeadErasureStore.removeTraces(of: leads, in: &transaction)
    report.rows[.scores] = try LeadErasureStore.removeScores(of: leads, in: &transaction)
    report.rows[.matches] = try LeadErasureStore.removeMatches(of: leads, in: &transaction)
    report.rows[.leads] = try LeadErasureStore.emptyCallers(callers, in: &transaction)
    report.rows[.leases] = try LeadErasureStore.endLeases(of: callers, in: &transaction)
    report.rows[.numberLedger] = try LeadErasureStore.redactNumberLedger(of: callers, in: &transaction)
    report.rows[.interactions] = try LeadErasureStore.redactInteractions(of: callers, in: &transaction)
    let details = JSON.write { writer in
      writer.object { object in
        object.field("suppressions", report.suppressions)
        for table in Table.allCases { object.field(named: table.rawValue, report.rows[table] ?? 0) }
      }
    }
    LeadLedgerStore.record(
      "erased", leads, details: String(decoding: details, as: UTF8.self), now: now, in: &transaction)
    return report
  }
}
