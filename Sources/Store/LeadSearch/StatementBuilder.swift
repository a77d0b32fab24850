import Postgres

/// A statement that grows piece by piece, its values bound in the order in which they come.
struct StatementBuilder {
  private var parts = SQL.StringInterpolation(literalCapacity: 512, interpolationCount: 16)
  private(set) var isEmpty = true

  /// Text that the program itself has written.
  mutating func add(_ literal: String) {
    parts.appendLiteral(literal)
    isEmpty = false
  }

  mutating func bind<T: PostgresEncodable>(_ value: T) {
    parts.appendInterpolation(value)
    isEmpty = false
  }

  var statement: SQL { SQL(stringInterpolation: parts) }
}
