import Domain
import Postgres

/// One condition on a column of `lead_pool AS p`.
struct LeadPredicate {
  let condition: LeadCondition
  /// Without regard to what only few values differ in, so that the planner knows how frequent they are.
  let isRough: Bool

  private var column: String { "p.\(condition.field.name)" }
  private var isList: Bool { condition.field.kind == .texts }

  func add(to sql: inout StatementBuilder) {
    switch condition.test {
    case .known(let isKnown): sql.add("\(column) IS \(isKnown ? "NOT NULL" : "NULL")")
    case .anyOf(let values): among(values, &sql)
    case .noneOf(let values):
      sql.add("(\(column) IS NULL OR NOT ")
      among(values, &sql)
      sql.add(")")
    case .allOf(let values):
      sql.add(isRough ? "\(column) @> " : "search_fold(\(column)) @> ")
      folded(values, &sql)
    case .between(let low, let high):
      sql.add("(true")
      for (sign, bound) in [(">=", low), ("<=", high)] {
        guard let bound else { continue }
        sql.add(" AND \(column) \(sign) ")
        value(bound, &sql)
      }
      sql.add(")")
    case .contains(let text):
      sql.add("position(search_fold(")
      sql.bind(text)
      sql.add("::text) IN search_fold(\(column))) > 0")
    case .beginsWith(let text):
      sql.add("starts_with(search_fold(\(column)), search_fold(")
      sql.bind(text)
      sql.add("::text))")
    }
  }

  private func among(_ values: [LeadValue], _ sql: inout StatementBuilder) {
    let texts = values.texts
    if isList {
      sql.add(isRough ? "\(column) && " : "search_fold(\(column)) && ")
      return folded(texts, &sql)
    }
    if !texts.isEmpty {
      sql.add(isRough ? "\(column) = ANY (" : "search_fold(\(column)) = ANY (")
      folded(texts, &sql)
      return sql.add(")")
    }
    sql.add("(false")
    for item in values {
      sql.add(" OR \(column) = ")
      value(item, &sql)
    }
    sql.add(")")
  }

  private func folded(_ texts: [String], _ sql: inout StatementBuilder) {
    if isRough { return sql.bind(texts) }
    sql.add("search_fold(")
    sql.bind(texts)
    sql.add("::text[])")
  }

  private func value(_ value: LeadValue, _ sql: inout StatementBuilder) {
    switch value {
    case .text(let text), .json(let text): sql.bind(text)
    case .integer(let number): sql.bind(number)
    case .number(let number): sql.bind(number)
    case .flag(let flag): sql.bind(flag)
    case .date(let date):
      sql.add("(")
      sql.bind(date.description)
      sql.add("::text)::date")
    case .texts(let texts): sql.bind(texts)
    }
  }
}
