import Domain
import Postgres

/// What suppressions and leads have to do with each other.
public enum LeadSuppressionStore {
  /// By what a lead is or was known: keys only.
  public static func identityKeys(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ContactKey: ContactAddress.Kind] {
    let rows = try transaction.query(
      "SELECT key, kind FROM lead_identities WHERE lead_id = ANY (\(leads)) ORDER BY key")
    return Dictionary(
      try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) }, uniquingKeysWith: { one, _ in one })
  }

  /// The numbers and personal addresses of leads that were merged into this one, which keep them.
  public static func mergedAddresses(
    of lead: ID<Lead>, in transaction: inout Transaction
  ) throws -> [ContactAddress] {
    try transaction.query(
      """
      SELECT \(unescaped: PoolLeadRow.columns) FROM lead_pool p WHERE p.merged_into_id = \(lead)
      ORDER BY p.id
      """
    ).map(PoolLeadRow.lead).flatMap(\.facts.personalAddresses)
      .filter { [.phone, .personalEmail].contains($0.origin) }.map(\.address)
  }

  /// The suppressions that the rule in SQL finds.
  public static func found(
    for lead: ID<Lead>, client: ID<Client>?, in transaction: inout Transaction
  ) throws -> [Suppression] {
    try transaction.query(
      """
      SELECT \(unescaped: SuppressionStore.columns)
      FROM lead_pool p CROSS JOIN LATERAL lead_suppressions(p, \(client)) s
      WHERE p.id = \(lead) ORDER BY s.id
      """
    ).map(SuppressionStore.suppression)
  }

  /// Whether the client has the lead now.
  public static func has(
    _ client: ID<Client>, _ lead: ID<Lead>, in transaction: inout Transaction
  ) throws -> Bool {
    try !transaction.query(
      """
      SELECT FROM lead_assignments
      WHERE lead_id = \(lead) AND client_id = \(client) AND released_at IS NULL
      """
    ).isEmpty
  }

  /// Takes back the state of a lead that a suppression stood for, unless another one for everybody says the
  /// same of it; the leads that it was taken back from.
  public static func restore(
    after lifted: Suppression, now: Timestamp, in transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    guard lifted.clientID == nil, let state = lifted.reason.leadState else { return [] }
    return try transaction.query(
      """
      WITH meant (id) AS (
        SELECT lead_id FROM lead_identities WHERE key = \(lifted.key)
        UNION SELECT \(lifted.leadID)::uuid),
      held AS MATERIALIZED (
        SELECT p.id FROM lead_pool p
        WHERE p.id IN (SELECT id FROM meant) AND p.\(unescaped: state) IS NOT NULL
          AND NOT EXISTS (
            SELECT FROM lead_suppressions(p, NULL) s WHERE s.reason = \(lifted.reason))
        ORDER BY p.id FOR NO KEY UPDATE OF p)
      UPDATE lead_pool p SET \(unescaped: state) = NULL, updated_at = \(now)
      FROM held WHERE p.id = held.id RETURNING p.id
      """
    ).map { try $0.decode(at: 0) }
  }
}

extension Suppression.Reason {
  /// The column of `lead_pool` that says the same of a lead.
  fileprivate var leadState: String? {
    switch self {
    case .bounce: "bounced_at"
    case .complaint: "complained_at"
    case .optOut: "unsubscribed_at"
    case .legal, .manual, .erased: nil
    }
  }
}
