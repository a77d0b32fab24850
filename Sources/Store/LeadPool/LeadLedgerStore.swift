import Domain
import Postgres

/// The history of leads: append-only, nothing personal in it.
public enum LeadLedgerStore {
  /// Writes a row for each lead, by the actor of the transaction (`ActorStore.act`).
  ///
  /// - Parameter details: JSON as text: ids, names of fields, codes; never an address, a number or a name.
  public static func record(
    _ kind: String, _ leads: [ID<Lead>], of client: ID<Client>? = nil, because reason: String = "",
    details: String = "{}", now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      INSERT INTO lead_ledger (at, lead_id, client_id, kind, reason, details)
      SELECT \(now), lead_id, \(client), \(kind), \(reason), \(PostgresJSON(text: details))
      FROM unnest(\(leads)) AS lead_id
      """)
  }
}
