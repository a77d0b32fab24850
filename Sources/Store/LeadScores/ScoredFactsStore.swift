import Domain
import Postgres

/// What a score is computed from.
public struct ScoredFacts: Hashable, Sendable {
  public let lead: ID<Lead>
  public let facts: LeadFacts
  public let state: ContactState
}

public enum ScoredFactsStore {
  /// What to select from `lead_pool AS p`, in this order.
  static let columns = """
    p.id, p.bounced_at IS NOT NULL,
    num_nonnulls(p.unsubscribed_at, p.complained_at, p.merged_into_id, p.erased_at) > 0,
    \(PoolLeadRow.factColumns(LeadTraits.fields))
    """
  static let columnCount = 3 + LeadTraits.fields.count

  /// In no particular order; those that there are not are left out.
  public static func find(_ leads: [ID<Lead>], in transaction: inout Transaction) throws -> [ScoredFacts] {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM lead_pool p WHERE p.id = ANY (\(leads))"
    ).map(facts(_:))
  }

  static func facts(_ row: Row) throws -> ScoredFacts {
    ScoredFacts(
      lead: try row.decode(at: 0), facts: try PoolLeadRow.facts(row, LeadTraits.fields, from: 3),
      state: ContactState(hasBounced: try row.decode(at: 1), isExcluded: try row.decode(at: 2)))
  }
}
