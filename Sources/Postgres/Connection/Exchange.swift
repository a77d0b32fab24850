import CPostgres
import Glibc

extension Connection {
  /// What the server was asked to do, in the order in which it answers.
  private enum Step {
    case prepare(StatementCache.Key, name: String)
    case forget(name: String)
    case execute
  }

  /// Sends all statements at once and reads all answers: one round trip.
  ///
  /// The server stops at the first error and skips the rest; that error is thrown after the connection is
  /// in step again. A lost connection is thrown as `.connectionLost`.
  func exchange(_ batch: [SQL]) throws(PostgresError) -> [Rows] {
    if let failure { throw failure }
    for sql in batch { try Self.validate(sql) }
    roundTrips += 1
    var steps: [Step] = []
    steps.reserveCapacity(batch.count + 1)
    for sql in batch { try send(sql, &steps) }
    guard PQpipelineSync(handle) == 1 else { throw markLost() }
    return try receive(steps)
  }

  private static func validate(_ sql: SQL) throws(PostgresError) {
    for (index, bind) in sql.binds.enumerated() where bind.hasForbiddenNUL {
      throw PostgresError(.invalidBind, reason: "$\(index + 1) is text with a NUL byte")
    }
    guard !sql.text.utf8.contains(0) else {
      throw PostgresError(.invalidBind, reason: "the text has a NUL byte")
    }
    guard sql.binds.count <= 65_535 else {
      throw PostgresError(.invalidBind, reason: "more than 65535 values")
    }
  }

  private func send(_ sql: SQL, _ steps: inout [Step]) throws(PostgresError) {
    parameters.load(sql.binds)
    guard configuration.mode == .session else {
      guard sendUnnamed(sql.text) else { throw markLost() }
      return steps.append(.execute)
    }
    let key = StatementCache.Key(text: sql.text, types: parameters.types)
    let name: String
    if let known = statements.name(of: key) {
      name = known
    } else {
      name = statements.insert(key)
      for old in statements.takeEvicted() {
        guard PQsendQueryParams(handle, "DEALLOCATE \(old)", 0, nil, nil, nil, nil, 1) == 1 else {
          throw markLost()
        }
        steps.append(.forget(name: old))
      }
      guard PQsendPrepare(handle, name, sql.text, Int32(key.types.count), key.types) == 1 else {
        throw markLost()
      }
      steps.append(.prepare(key, name: name))
    }
    let sent = parameters.withParameters { count, _, values, lengths, formats in
      PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
    }
    guard sent == 1 else { throw markLost() }
    steps.append(.execute)
  }

  private func sendUnnamed(_ text: String) -> Bool {
    parameters.withParameters { count, types, values, lengths, formats in
      PQsendQueryParams(handle, text, count, types, values, lengths, formats, 1) == 1
    }
  }

  private func receive(_ steps: [Step]) throws(PostgresError) -> [Rows] {
    var rows: [Rows] = []
    rows.reserveCapacity(steps.count)
    var firstError: PostgresError?
    for step in steps {
      guard let result = try nextResult(unless: firstError) else { throw lost(after: firstError) }
      let status = PQresultStatus(result)
      let succeeded = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
      settle(step, succeeded: succeeded)
      if case .execute = step, succeeded {
        rows.append(Rows(result: ResultStorage(result)))
      } else {
        if !succeeded, status != PGRES_PIPELINE_ABORTED, firstError == nil {
          firstError = PostgresError(result: result)
        }
        PQclear(result)
      }
      if PQstatus(handle) != CONNECTION_OK || firstError?.isFatal == true { throw lost(after: firstError) }
      // Each statement's answers end with a null.
      while let extra = try nextResult(unless: firstError) { PQclear(extra) }
    }
    guard let sync = try nextResult(unless: firstError) else { throw lost(after: firstError) }
    defer { PQclear(sync) }
    guard PQresultStatus(sync) == PGRES_PIPELINE_SYNC else { throw lost(after: firstError) }
    if let firstError {
      if firstError.sqlState?.rawValue == "0A000" || firstError.sqlState?.rawValue == "26000" {
        statements.evictAll()
      }
      throw firstError
    }
    return rows
  }

  private func settle(_ step: Step, succeeded: Bool) {
    switch step {
    case .prepare(let key, let name): if !succeeded { statements.remove(key, name: name) }
    case .forget(let name): if !succeeded { statements.keep(evicted: name) }
    case .execute: break
    }
  }

  /// The connection broke. If the server had refused a statement before, that is what happened, because all
  /// that followed was skipped; a fatal error is the break itself.
  func lost(after error: PostgresError?) -> PostgresError {
    var lost = markLost()
    guard let error else { return lost }
    if !error.isFatal { return error }
    lost.sqlState = error.sqlState
    lost.debugText = error.debugText
    failure = lost
    return lost
  }

  /// Waits for the next result. Sends and reads by turns while something is unsent, because the server may
  /// stop to read until its own answers have been read.
  func nextResult(unless error: PostgresError?) throws(PostgresError) -> OpaquePointer? {
    while true {
      let unsent = PQflush(handle)
      guard unsent >= 0 else { throw lost(after: error) }
      if unsent == 0 || PQisBusy(handle) == 0 { return PQgetResult(handle) }
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN | POLLOUT), revents: 0)
      _ = poll(&descriptor, 1, -1)
      if descriptor.revents & ~Int16(POLLOUT) != 0, PQconsumeInput(handle) == 0 { throw lost(after: error) }
    }
  }

  /// Runs several statements in one text, without parameters. Only inside a transaction, which the text must
  /// not end.
  func script(_ text: String) throws(PostgresError) {
    if let failure { throw failure }
    guard !text.utf8.contains(0) else {
      throw PostgresError(.invalidBind, reason: "the script has a NUL byte")
    }
    roundTrips += 1
    guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, text) == 1 else { throw markLost() }
    var firstError: PostgresError?
    while let result = try nextResult(unless: firstError) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        // There is no way back from here but a new connection.
        let error = PostgresError(.server, reason: "COPY is not possible in a script")
        failure = error
        throw error
      default: firstError = firstError ?? PostgresError(result: result)
      }
    }
    guard PQstatus(handle) == CONNECTION_OK else { throw lost(after: firstError) }
    let endedTransaction = PQtransactionStatus(handle) == PQTRANS_IDLE
    guard PQenterPipelineMode(handle) == 1 else { throw markLost() }
    if let firstError { throw firstError }
    if endedTransaction { throw PostgresError(.server, reason: "the script ended its transaction") }
  }
}
