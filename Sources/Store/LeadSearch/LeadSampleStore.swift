import Domain
import Postgres

/// Leads taken from all over the pool, for a look at what they are like.
public enum LeadSampleStore {
  /// The facts of about so many of the leads that a query finds, from blocks of the table that are chosen
  /// alike each time.
  ///
  /// - Parameter matching: about how many it finds.
  public static func sample(
    _ query: LeadQuery, fields: [LeadField], about count: Int, of matching: Int,
    in transaction: inout Transaction
  ) throws -> [LeadFacts] {
    let percentage = min(100, 120 * Double(count) / Double(max(matching, 1)))
    var sql = StatementBuilder()
    let columns = fields.isEmpty ? "p.id" : PoolLeadRow.factColumns(fields)
    sql.add("SELECT \(columns) FROM lead_pool p TABLESAMPLE SYSTEM (")
    sql.bind(percentage)
    sql.add("::float8) REPEATABLE (1) WHERE ")
    let filter = LeadFilter(query: query)
    filter.conditions(hasText: true, &sql)
    filter.ownership(&sql)
    filter.score(&sql)
    sql.add(" LIMIT \(count)")
    return try transaction.query(sql.statement).map { try PoolLeadRow.facts($0, fields, from: 0) }
  }
}
