/// Brings a database's schema up to date.
///
/// Each migration runs in a transaction of its own that first takes an advisory lock and then reads how
/// far the database is. The lock is the transaction's, so this is right for any number of processes at
/// once, also behind a transaction pooler; each migration is applied once.
///
///     let towns = Migration(number: 1, name: "towns", sql: "CREATE TABLE …")
///     let migrator = Migrator([towns], table: "history")
///     try await migrator.apply(to: database) { print("applied", $0.name) }
public struct Migrator: Sendable {
  public let migrations: [Migration]
  /// The table that remembers what was applied; made by the first `apply`.
  public let table: String

  /// - Precondition: the migrations are numbered 1, 2, 3 …
  public init(_ migrations: [Migration], table: String) {
    precondition(
      migrations.map(\.number) == Array(1..<(migrations.count + 1)),
      "migrations are numbered from 1, without gaps")
    self.migrations = migrations
    self.table = table
  }

  /// How far the database is and what `apply` would do. Changes nothing.
  /// - Throws: `MigrationError` where `apply` would refuse; `PostgresError`.
  public func status(of database: Database) async throws -> MigrationStatus {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      let checksums = try self.checksums(&transaction)
      return try self.status(&transaction, checksums)
    }
  }

  /// Applies what is pending. Processes that do so at the same time wait for one another.
  /// - Parameter applied: told after each migration that this call applied.
  /// - Throws: `MigrationError`; those before the failed one stay applied. `PostgresError`.
  public func apply(to database: Database, applied: (Migration) -> Void = { _ in }) async throws {
    while let migration = try await applyNext(to: database) { applied(migration) }
  }

  /// Applies the first pending migration and returns it; nil if there is none.
  private func applyNext(to database: Database) async throws -> Migration? {
    // A large table may take its time, and so may the others whom we wait for.
    try await database.transaction(.init(statementTimeout: .zero)) { transaction in
      _ = try transaction.query("SELECT pg_advisory_xact_lock(\(lockKey))")
      try makeTable(&transaction)
      let checksums = try checksums(&transaction)
      guard let next = try status(&transaction, checksums).pending.first else { return nil }
      do {
        try transaction.script(next.sql)
      } catch let error as PostgresError {
        throw MigrationError.failed(next, error)
      }
      transaction.enqueue(
        """
        INSERT INTO \(identifier: table) (number, name, checksum)
        VALUES (\(next.number), \(next.name), \(checksums[next.number - 1]))
        """, expecting: 1)
      return next
    }
  }

  private func makeTable(_ transaction: inout Transaction) throws {
    if try tableExists(&transaction) { return }
    try transaction.script(
      SQL(
        """
        CREATE TABLE \(identifier: table) (
          number integer PRIMARY KEY CHECK (number > 0),
          name text NOT NULL,
          checksum text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
      ).text)
  }

  private func tableExists(_ transaction: inout Transaction) throws -> Bool {
    let rows = try transaction.query("SELECT to_regclass(quote_ident(\(table))) IS NOT NULL AS found")
    return try rows[0].decode("found")
  }

  /// SHA-256 of each migration, in order; PostgreSQL computes them.
  private func checksums(_ transaction: inout Transaction) throws -> [String] {
    let texts = migrations.map(\.sql)
    let rows = try transaction.query(
      """
      SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex') AS checksum
      FROM unnest(\(texts)) WITH ORDINALITY AS migration(text, number) ORDER BY number
      """)
    return try rows.map { row in try row.decode("checksum") }
  }

  private func status(_ transaction: inout Transaction, _ checksums: [String]) throws -> MigrationStatus {
    guard try tableExists(&transaction) else { return MigrationStatus(applied: [], pending: migrations) }
    let rows = try transaction.query(
      """
      SELECT number::int8 AS number, name, checksum,
        (extract(epoch FROM applied_at) * 1000000)::int8 AS applied_at_microseconds
      FROM \(identifier: table) ORDER BY number
      """)
    let applied = try rows.map { row in
      AppliedMigration(
        number: try row.decode("number"), name: try row.decode("name"), checksum: try row.decode("checksum"),
        appliedAtMicroseconds: try row.decode("applied_at_microseconds"))
    }
    try verify(applied, checksums)
    return MigrationStatus(applied: applied, pending: Array(migrations.dropFirst(applied.count)))
  }

  private func verify(_ applied: [AppliedMigration], _ checksums: [String]) throws(MigrationError) {
    for (index, one) in applied.enumerated() where one.number != index + 1 {
      throw .gap(at: index + 1, table: table)
    }
    for (migration, (one, checksum)) in zip(migrations, zip(applied, checksums))
    where one.checksum != checksum && !migration.formerChecksums.contains(one.checksum) {
      throw .edited(migration, one)
    }
    if let newest = applied.last, newest.number > migrations.count {
      throw .newer(newest, known: migrations.count)
    }
  }

  /// The same number in every process that migrates this table. Advisory locks are a database's own.
  private var lockKey: Int64 { Int64(bitPattern: FNV.hash("migrations of " + table)) }
}
