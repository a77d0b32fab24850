import Domain
import Postgres

/// A query as conditions on `lead_pool AS p`. Values are bound; names come from `LeadField` alone.
struct LeadFilter {
  let query: LeadQuery

  /// What indexes can be asked for: leads that they do not find do not fit. Nil when they cannot help.
  var indexed: ((inout StatementBuilder) -> Void)? {
    var parts: [(inout StatementBuilder) -> Void] = []
    if let text = query.text { parts.append { Self.words(text, &$0) } }
    parts += query.conditions.compactMap(Self.indexed)
    // A lead that was merged is known by nothing any more.
    let known = query.included.contains(.merged) ? [] : query.conditions.compactMap(Self.known)
    guard !parts.isEmpty || !known.isEmpty else { return nil }
    return { sql in
      sql.add("true")
      for add in known { add(&sql) }
      guard !parts.isEmpty else { return }
      sql.add(" AND \(LeadTerm.lexemes) @@ (")
      for (place, part) in parts.enumerated() {
        if place > 0 { sql.add(" && ") }
        part(&sql)
      }
      sql.add(")")
    }
  }

  /// By what a lead is known: one look at the keys.
  private static func known(_ condition: LeadCondition) -> ((inout StatementBuilder) -> Void)? {
    guard case .anyOf(let values) = condition.test, let kind = LeadTerm.identity(of: condition.field) else {
      return nil
    }
    let texts = values.texts.map { text in
      switch kind {
      case .email: EmailAddress(text)?.folded.text ?? text.lowercased()
      case .linkedin: text.lowercased()
      case .apollo: text
      }
    }
    return { sql in
      sql.add(" AND p.id = ANY (ARRAY(SELECT i.lead_id FROM contact_salt s, lead_identities i WHERE i.key = ")
      sql.add("ANY (ARRAY(SELECT contact_key('\(kind.rawValue)', v, s.salt) FROM unnest(")
      sql.bind(texts)
      sql.add(") AS v))))")
    }
  }

  private static func words(_ text: String, _ sql: inout StatementBuilder) {
    sql.add("search_query(")
    sql.bind(text)
    sql.add(")")
  }

  private static func indexed(_ condition: LeadCondition) -> ((inout StatementBuilder) -> Void)? {
    let values: [String]
    let wantsAll: Bool
    switch condition.test {
    case .anyOf(let wanted): (values, wantsAll) = (wanted.texts, false)
    case .allOf(let wanted): (values, wantsAll) = (wanted, true)
    default: return nil
    }
    guard !values.isEmpty, values.allSatisfy({ $0.utf8.count <= LeadTerm.longest }) else { return nil }
    if let prefix = LeadTerm.prefix(of: condition.field) {
      return { sql in
        sql.add("search_query(")
        sql.bind(prefix)
        sql.add(", ")
        sql.bind(values)
        sql.add(", \(wantsAll))")
      }
    }
    // One value only: each of its words must be there. A value without a word says nothing.
    guard LeadTerm.worded.contains(condition.field), values.count == 1,
      values[0].unicodeScalars.contains(where: { $0.properties.isAlphabetic })
    else { return nil }
    return { words(values[0], &$0) }
  }

  /// Everything, as it is decided by the lead's row alone.
  ///
  /// - Parameters:
  ///   - hasText: the words are looked for, too; the index has done so otherwise.
  ///   - isRough: in a form whose frequency the planner knows, for an estimate.
  func conditions(hasText: Bool, isRough: Bool = false, _ sql: inout StatementBuilder) {
    sql.add("true")
    for state in LeadQuery.State.allCases where !query.included.contains(state) {
      sql.add(" AND p.\(state.column) IS NULL")
    }
    for condition in query.conditions where !(isRough && Self.indexed(condition) != nil) {
      sql.add(" AND ")
      LeadPredicate(condition: condition, isRough: isRough).add(to: &sql)
    }
    if hasText, let text = query.text {
      sql.add(" AND \(LeadTerm.words) LIKE ALL (search_patterns(")
      sql.bind(text)
      sql.add("))")
    }
    for source in query.sources {
      sql.add(" AND p.provenance -> '\(source.group.rawValue)' ->> 'source' = ")
      sql.bind(source.source)
    }
    for (column, span) in [("created_at", query.created), ("updated_at", query.updated)] {
      if let from = span.from {
        sql.add(" AND p.\(column) >= ")
        sql.bind(from)
      }
      if let before = span.before {
        sql.add(" AND p.\(column) < ")
        sql.bind(before)
      }
    }
  }

  /// Whose it is.
  func ownership(_ sql: inout StatementBuilder) {
    let assignments = "SELECT FROM lead_assignments a WHERE a.lead_id = p.id AND a.released_at IS NULL"
    if query.isAssigned == false { sql.add(" AND NOT EXISTS (\(assignments))") }
    if let client = query.clientID {
      sql.add(" AND EXISTS (\(assignments) AND a.client_id = ")
      sql.bind(client)
      sql.add(")")
    } else if query.isAssigned == true {
      sql.add(" AND EXISTS (\(assignments))")
    }
  }

  /// How good it is for its client.
  func score(_ sql: inout StatementBuilder) {
    guard let score = query.score else { return }
    sql.add(
      """
       AND EXISTS (SELECT FROM lead_assignments a
        JOIN lead_scores s ON s.client_id = a.client_id AND s.lead_id = a.lead_id
        WHERE a.lead_id = p.id AND a.released_at IS NULL AND s.score BETWEEN
      """)
    sql.add(" ")
    sql.bind(score.lowerBound)
    sql.add(" AND ")
    sql.bind(score.upperBound)
    sql.add(")")
  }
}

extension LeadQuery.State {
  fileprivate var column: String {
    switch self {
    case .bounced: "bounced_at"
    case .complained: "complained_at"
    case .unsubscribed: "unsubscribed_at"
    case .merged: "merged_into_id"
    case .erased: "erased_at"
    }
  }
}

extension [LeadValue] {
  var texts: [String] { compactMap { if case .text(let text) = $0 { text } else { nil } } }
}
