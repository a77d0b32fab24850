import Crypto
import Domain
import JSON
import Postgres
import Store

/// Takes records into the pool: each person once, newer facts over older ones (`LeadMerge`), what two leads
/// claim to an operator.
///
/// It works within a transaction of the caller's, who writes there what came of each record. Another importer
/// may bring the same person in at the same time: then the transaction is lost, `isLostRace` says so, and all
/// of it is done again; `LeadIntake.transaction` does that.
public enum LeadIntake {
  /// Takes a chunk of records in; at most some thousands, since all of it is one transaction.
  ///
  /// - Parameter importID: given, what is replaced is kept in `lead_changes`, so that it can be undone.
  /// - Returns: what became of each record, in the order of the records.
  public static func take(
    _ leads: [IncomingLead], importID: ID<LeadImport>? = nil, actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> [IntakeVerdict] {
    guard !leads.isEmpty else { return [] }
    ActorStore.act(as: actor, now: now, in: &transaction)
    SuppressionStore.holdOffErasures(in: &transaction)
    var intake = IntakeRound(leads, importID: importID, now: now)
    return try intake.run(in: &transaction)
  }

  /// Takes records in, in a transaction of its own. A chunk that loses its races again and again is halved:
  /// smaller ones meet fewer others.
  ///
  /// - Returns: as `take`.
  public static func take(
    _ leads: [IncomingLead], into database: Database, importID: ID<LeadImport>? = nil, actor: Actor,
    now: Timestamp, attempts: Int = 5
  ) async throws -> [IntakeVerdict] {
    do {
      return try await transaction(database, attempts: attempts) { transaction in
        try take(leads, importID: importID, actor: actor, now: now, in: &transaction)
      }
    } catch  where isLostRace(error) && leads.count > 1 {
      var verdicts: [IntakeVerdict] = []
      let middle = leads.count / 2
      for half in [leads[..<middle], leads[middle...]] {
        verdicts += try await take(
          Array(half), into: database, importID: importID, actor: actor, now: now, attempts: attempts)
      }
      return verdicts
    }
  }

  /// A lead that was looked up is another's by now.
  struct LostRace: Error {}

  /// Whether this says that somebody else changed the same persons meanwhile: the whole transaction may be
  /// done again, and will find what the other one did.
  public static func isLostRace(_ error: any Error) -> Bool {
    if error is LostRace { return true }
    guard let error = error as? PostgresError else { return false }
    return error.sqlState?.isRetryable == true
      || (error.sqlState == .uniqueViolation && error.constraint == "lead_identities_pkey")
  }

  /// Runs a transaction that takes records in, again as long as it loses races against other importers.
  ///
  /// - Throws: the last lost race after `attempts`; whatever else the body throws.
  public static func transaction<R: Sendable>(
    _ database: Database, _ options: TransactionOptions = .init(), attempts: Int = 20,
    _ body: @escaping @Sendable (inout Transaction) throws -> R
  ) async throws -> R {
    for _ in 1..<max(1, attempts) {
      do { return try await database.transaction(options, body) } catch  where isLostRace(error) {
        try Task.checkCancellation()
      }
    }
    return try await database.transaction(options, body)
  }
}
