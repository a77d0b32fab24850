import Domain
import Postgres

/// How many leads a search finds.
public enum LeadCountStore {
  /// Counts up to one more than `LeadCount.exact`. Give the transaction little time: with conditions that no
  /// index knows it reads the whole pool.
  public static func count(_ query: LeadQuery, in transaction: inout Transaction) throws -> Int {
    try transaction.query(counting(query)).first?.decode(at: 0) ?? 0
  }

  static func counting(_ query: LeadQuery) -> SQL {
    let filter = LeadFilter(query: query)
    var sql = StatementBuilder()
    sql.add("SELECT count(*) FROM (SELECT FROM lead_pool p WHERE ")
    filter.conditions(hasText: false, &sql)
    filter.ownership(&sql)
    filter.score(&sql)
    if let indexed = filter.indexed {
      sql.add(" AND ")
      indexed(&sql)
    }
    sql.add(" LIMIT \(LeadCount.exact + 1)) AS found")
    return sql.statement
  }

  /// What the planner expects.
  public static func estimate(_ query: LeadQuery, in transaction: inout Transaction) throws -> Int {
    let filter = LeadFilter(query: query)
    var sql = StatementBuilder()
    sql.add("SELECT FROM lead_pool p WHERE ")
    filter.conditions(hasText: false, isRough: true, &sql)
    filter.ownership(&sql)
    filter.score(&sql)
    if let indexed = filter.indexed {
      sql.add(" AND ")
      indexed(&sql)
    }
    return try LeadSearchStore.estimate(sql.statement, in: &transaction)
  }
}
