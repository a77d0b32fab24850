/// One step of a schema's history. Once released it never changes; a mistake is mended by the next one.
public struct Migration: Hashable, Sendable {
  /// Counted from 1, without gaps.
  public let number: Int
  public let name: String
  /// Any statements that can stand in a transaction, without parameters.
  public let sql: String
  /// SHA-256, in hexadecimal, of texts that it had before its release and that did the same: a database that
  /// remembers one of them is as good.
  public let formerChecksums: Set<String>

  public init(number: Int, name: String, sql: String, formerChecksums: Set<String> = []) {
    self.number = number
    self.name = name
    self.sql = sql
    self.formerChecksums = formerChecksums
  }
}

/// A migration as a database remembers it.
public struct AppliedMigration: Hashable, Sendable {
  public let number: Int
  public let name: String
  /// SHA-256 of its text, in hexadecimal.
  public let checksum: String
  /// When it was applied, in microseconds since 1970 (the database's clock).
  public let appliedAtMicroseconds: Int64
}

/// How far a database is, against what the program knows.
public struct MigrationStatus: Hashable, Sendable {
  public let applied: [AppliedMigration]
  /// What `apply` would do, in order.
  public let pending: [Migration]

  public var isCurrent: Bool { pending.isEmpty }
}

/// Why a database cannot be migrated. The description says what to do.
public struct MigrationError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    /// A migration's text differs from the one that was applied.
    case edited
    /// The database's history lacks a number.
    case gap
    /// The database was migrated by a newer program.
    case newer
    /// A migration failed; nothing of it was kept.
    case failed
  }

  public let reason: Reason
  /// The migration concerned.
  public let number: Int
  public let description: String

  static func edited(_ migration: Migration, _ applied: AppliedMigration) -> MigrationError {
    MigrationError(
      reason: .edited, number: migration.number,
      description: """
        migration \(migration.number) (\(migration.name)) differs from the one that was applied to this \
        database (checksum \(applied.checksum.prefix(12))…). Applied migrations never change: put its old \
        text back, and write the change as a new migration.
        """)
  }

  static func gap(at number: Int, table: String) -> MigrationError {
    MigrationError(
      reason: .gap, number: number,
      description: """
        the table \(table) has no migration \(number), but later ones. Somebody has changed that table: \
        restore it, or the whole database, from a backup.
        """)
  }

  static func newer(_ newest: AppliedMigration, known: Int) -> MigrationError {
    MigrationError(
      reason: .newer, number: newest.number,
      description: """
        this database is at migration \(newest.number) (\(newest.name)), this program knows \(known). It \
        was migrated by a newer version: run that one, or restore a backup made before.
        """)
  }

  static func failed(_ migration: Migration, _ error: PostgresError) -> MigrationError {
    let place = line(in: error.debugText).map { " at line \($0)" } ?? ""
    return MigrationError(
      reason: .failed, number: migration.number,
      description: """
        migration \(migration.number) (\(migration.name)) failed\(place): \(error). Nothing of it was kept.
        """)
  }

  /// libpq shows where in the text an error is: `LINE 12: …`.
  private static func line(in message: String) -> Int? {
    guard let mark = message.firstRange(of: "\nLINE ") else { return nil }
    return Int(message[mark.upperBound...].prefix { $0.isNumber })
  }
}
