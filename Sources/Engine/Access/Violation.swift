import Postgres

extension PostgresError {
  /// Whether a constraint (or a trigger in its name) refused the statement.
  func violates(_ constraint: String) -> Bool {
    SQLState.Class.integrityConstraint ~= sqlState && self.constraint == constraint
  }
}
