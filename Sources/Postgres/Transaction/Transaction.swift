import CPostgres

/// A transaction, lent to the closure of `Database.transaction`.
///
/// It lives on its connection's thread and ends with the closure: a thrown error rolls back, a return
/// commits. BEGIN travels with the first statements and COMMIT with the last enqueued ones, so that
/// `query` of what is needed, a decision, and `enqueue` of what follows cost two round trips:
///
///     try await database.transaction { transaction in
///       let found = try transaction.query("SELECT … FOR UPDATE")
///       transaction.enqueue("UPDATE …", expecting: 1)
///       transaction.enqueue("INSERT …")
///     }
///
/// Once a statement has failed the transaction is lost: each later call throws the same error.
public struct Transaction: ~Copyable {
  private struct Pending {
    let sql: SQL
    let expected: Int?
  }

  private let connection: Connection
  private let ticket: Ticket
  private var pending: [Pending] = []
  /// BEGIN was sent.
  private(set) var hasBegun = false
  /// The first thing that went wrong with the connection or a statement.
  private(set) var failure: (any Error)?

  init(connection: Connection, options: TransactionOptions, ticket: Ticket) {
    self.connection = connection
    self.ticket = ticket
    pending.append(Pending(sql: SQL(text: options.beginText), expected: nil))
    let configuration = connection.configuration
    if configuration.mode == .transactionPooler {
      let timeout = options.statementTimeout ?? configuration.statementTimeout
      pending.append(Pending(sql: SessionSettings.forTransaction(statementTimeout: timeout), expected: nil))
    } else if let timeout = options.statementTimeout {
      pending.append(Pending(sql: SessionSettings.statementTimeout(timeout), expected: nil))
    }
  }

  /// Runs a statement, after all that was enqueued, in one round trip.
  public mutating func query(_ sql: SQL) throws -> Rows { try send([sql])[0] }

  /// Runs several statements, after all that was enqueued, in one round trip.
  public mutating func query(_ statements: [SQL]) throws -> [Rows] { try send(statements) }

  /// Runs a statement and tells how many rows it changed.
  public mutating func execute(_ sql: SQL) throws -> Int { try query(sql).affectedRows }

  /// Puts a statement off to the next round trip, at the latest that of COMMIT. If it fails, or changes
  /// another number of rows than expected, that call throws and nothing of the transaction remains.
  public mutating func enqueue(_ sql: SQL, expecting rows: Int? = nil) {
    pending.append(Pending(sql: sql, expected: rows))
  }

  /// Runs a text of several statements without parameters, as migrations need it. It must neither end the
  /// transaction nor COPY.
  public mutating func script(_ text: String) throws {
    _ = try send([])
    try attempt { connection in try connection.script(text) }
  }

  /// Runs `COPY … FROM STDIN (FORMAT binary)`, after all that was enqueued, with the rows that the body
  /// writes: the fast way for many rows. They are sent while they are written, in pieces of 64 KB.
  ///
  ///     try transaction.copy("COPY city (id, name) FROM STDIN (FORMAT binary)") { writer in
  ///       for city in cities {
  ///         try writer.row(2)
  ///         writer.value(city.id)
  ///         writer.value(city.name)
  ///       }
  ///     }
  ///
  /// - Returns: how many rows the server took.
  /// - Throws: `PostgresError`; `CancellationError`; whatever the body throws. Nothing of the transaction
  ///   remains then.
  @discardableResult
  public mutating func copy(_ text: String, _ body: (inout CopyWriter) throws -> Void) throws -> Int {
    _ = try send([])
    let ticket = self.ticket
    return try attempt { connection in try connection.copy(text, ticket: ticket, body) }
  }

  /// Ends well. A failed statement whose error the body has swallowed is thrown here.
  mutating func commit() throws {
    if let failure { throw failure }
    guard hasBegun || pending.count > 1 else { return }
    if pending.contains(where: { $0.expected != nil && !RowCountGuard.canGuard($0.sql) }) { _ = try send([]) }
    let batch = pending.map { item in item.expected.map { RowCountGuard.guarded(item.sql, $0) } ?? item.sql }
    pending.removeAll()
    hasBegun = true
    let answers = try attempt { connection in
      do throws(PostgresError) { return try connection.exchange(batch + ["COMMIT"]) } catch {
        throw error.kind == .connectionLost ? error.asCommitUnknown : RowCountGuard.translate(error)
      }
    }
    guard answers.last?.result.commandTag == "COMMIT" else {
      throw PostgresError(.server, sqlState: .inFailedTransaction)
    }
  }

  /// Ends badly; after it the connection is outside of any transaction, or lost.
  mutating func rollback() {
    guard hasBegun, connection.failure == nil else { return }
    // A late cancel request may hit the ROLLBACK itself.
    for _ in 0..<3 {
      if (try? connection.exchange(["ROLLBACK"])) != nil || connection.failure != nil { return }
    }
    connection.markLost()
  }

  private mutating func send(_ statements: [SQL]) throws -> [Rows] {
    if let failure { throw failure }
    let carried = pending
    guard !(carried.isEmpty && statements.isEmpty) else { return [] }
    pending.removeAll()
    hasBegun = true
    let rows = try attempt { connection in try connection.exchange(carried.map(\.sql) + statements) }
    for (item, answer) in zip(carried, rows) {
      guard let expected = item.expected, answer.affectedRows != expected else { continue }
      let error = RowCountGuard.error(expected: expected, found: answer.affectedRows)
      failure = error
      throw error
    }
    return Array(rows.dropFirst(carried.count))
  }

  private mutating func attempt<R>(_ work: (Connection) throws -> R) throws -> R {
    if let failure { throw failure }
    do {
      if ticket.isCancelled { throw CancellationError() }
      return try work(connection)
    } catch {
      failure = error
      throw error
    }
  }
}

extension PostgresError {
  /// The same loss, after COMMIT was sent.
  fileprivate var asCommitUnknown: PostgresError {
    PostgresError(.commitUnknown, sqlState: sqlState, debugText: debugText)
  }
}

extension TransactionOptions {
  var beginText: String {
    "BEGIN ISOLATION LEVEL " + isolation.rawValue + (isReadOnly ? ", READ ONLY" : "")
  }
}
