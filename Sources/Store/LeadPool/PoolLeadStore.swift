import Domain
import Postgres

/// The leads of the pool, one by one. Many at once: `LeadIntakeStore`.
public enum PoolLeadStore {
  /// Also one that was merged into another, or forgotten.
  public static func find(_ id: ID<Lead>, in transaction: inout Transaction) throws -> PoolLead? {
    try transaction.query(
      "SELECT \(unescaped: PoolLeadRow.columns) FROM lead_pool p WHERE p.id = \(id)"
    ).first.map(PoolLeadRow.lead)
  }

  /// The client whose lead it is now; nil when it is free.
  public static func owner(of id: ID<Lead>, in transaction: inout Transaction) throws -> ID<Client>? {
    try transaction.query(
      "SELECT client_id FROM lead_assignments WHERE lead_id = \(id) AND released_at IS NULL"
    ).first?.decode(at: 0)
  }

  /// In the order of their ids; those that there are not are left out.
  public static func find(_ ids: [ID<Lead>], in transaction: inout Transaction) throws -> [PoolLead] {
    try transaction.query(
      "SELECT \(unescaped: PoolLeadRow.columns) FROM lead_pool p WHERE p.id = ANY (\(ids)) ORDER BY p.id"
    ).map(PoolLeadRow.lead)
  }

  /// Locks them until the end of the transaction, in the order of their ids.
  public static func lock(_ ids: [ID<Lead>], in transaction: inout Transaction) throws -> [PoolLead] {
    try transaction.query(
      """
      SELECT \(unescaped: PoolLeadRow.columns) FROM lead_pool p WHERE p.id = ANY (\(ids))
      ORDER BY p.id FOR NO KEY UPDATE
      """
    ).map(PoolLeadRow.lead)
  }
}
