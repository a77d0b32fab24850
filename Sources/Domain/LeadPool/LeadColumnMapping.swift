/// How the columns of a table are read.
public struct LeadColumnMapping: Hashable, Sendable {
  /// What a column is.
  public enum Meaning: Hashable, Sendable {
    case field(LeadField)
    /// Nobody knows what it means: kept in the record, and counted as unknown.
    case unknown
    /// Left out because it was asked for.
    case ignored
    /// Told elsewhere, such as whose a lead is.
    case special
  }

  public let headings: [String]
  public let meanings: [Meaning]

  /// What is wrong with a wish.
  public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    case noColumn(String)
    case noField(String)
    /// Two columns for one field.
    case ambiguous(LeadField, String, String)
    /// Two columns of one name, of which one is wished for.
    case sameName(String)
    /// No column has anything that the pool has a place for.
    case nothing

    public var description: String {
      switch self {
      case .noColumn(let name): "there is no column '\(name)'"
      case .noField(let name): "there is no field '\(name)'"
      case .ambiguous(let field, let one, let other):
        "the columns '\(one)' and '\(other)' both mean \(field.name): map one of them to nothing"
      case .sameName(let name): "two columns are called '\(name)'"
      case .nothing: "no column means anything that a lead has"
      }
    }
  }

  /// Wishes first, then what the headings tell.
  ///
  /// - Parameters:
  ///   - wishes: column and field; an empty field ignores the column.
  ///   - special: columns that something else reads; they are no facts.
  public init(
    headings: [String], wishes: [(column: String, field: String)] = [], special: Set<String> = []
  ) throws(Fault) {
    self.headings = headings
    var meanings = [Meaning?](repeating: nil, count: headings.count)
    for place in headings.indices where special.contains(headings[place]) { meanings[place] = .special }
    for wish in wishes {
      let place = try Self.place(of: wish.column, in: headings)
      guard !wish.field.isEmpty else {
        meanings[place] = .ignored
        continue
      }
      guard let field = LeadField(named: wish.field) else { throw .noField(wish.field) }
      meanings[place] = .field(field)
    }
    let wished = Set(meanings.compactMap(\.?.field))
    for place in headings.indices where meanings[place] == nil {
      guard let field = LeadColumnGuess.field(headings[place], among: headings),
        !wished.contains(field),
        !Self.isSecondChoice(headings[place], in: headings)
      else {
        meanings[place] = .unknown
        continue
      }
      meanings[place] = .field(field)
    }
    self.meanings = meanings.map { $0 ?? .unknown }
    try check()
  }

  /// Each field has one column.
  private func check() throws(Fault) {
    var seen: [LeadField: String] = [:]
    for (heading, meaning) in zip(headings, meanings) {
      guard let field = meaning.field else { continue }
      if let other = seen.updateValue(heading, forKey: field) { throw .ambiguous(field, other, heading) }
    }
    guard !seen.isEmpty else { throw .nothing }
  }

  private static func place(of column: String, in headings: [String]) throws(Fault) -> Int {
    let exact = headings.indices.filter { headings[$0] == column }
    let key = LeadColumnGuess.key(column)
    let places = exact.isEmpty ? headings.indices.filter { LeadColumnGuess.key(headings[$0]) == key } : exact
    guard let place = places.first else { throw .noColumn(column) }
    guard places.count == 1 else { throw .sameName(column) }
    return place
  }

  /// Whether a better column for the same stands in a usual export beside it.
  private static func isSecondChoice(_ heading: String, in headings: [String]) -> Bool {
    let key = LeadColumnGuess.key(heading)
    let keys = headings.map(LeadColumnGuess.key)
    return LeadColumnGuess.preferences.contains { choice in
      let order = choice.map(LeadColumnGuess.key)
      guard let rank = order.firstIndex(of: key) else { return false }
      return order[..<rank].contains(where: keys.contains)
    }
  }

  /// The headings of columns that nobody knows.
  public var unknown: [String] {
    zip(headings, meanings).filter { $0.1 == .unknown }.map(\.0)
  }
}

extension LeadColumnMapping.Meaning {
  public var field: LeadField? { if case .field(let field) = self { field } else { nil } }
}
