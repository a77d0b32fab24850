import Glibc

/// Runs one call of `transaction` on a connection, with its repetitions.
struct TransactionRunner {
  let options: TransactionOptions
  let ticket: Ticket
  let gate: CancelGate
  let onRetry: @Sendable (SQLState, Int) -> Void

  func run<R>(on connection: Connection, _ body: (inout Transaction) throws -> R) throws -> R {
    var attempt = 1
    while true {
      do { return try once(connection, isFirst: attempt == 1, body) } catch let error as PostgresError {
        guard let state = error.sqlState, state.isRetryable, connection.failure == nil,
          attempt < options.maxAttempts
        else { throw error }
        onRetry(state, attempt)
        Self.pause(after: attempt)
        if ticket.isCancelled { throw CancellationError() }
        attempt += 1
      }
    }
  }

  private func once<R>(_ connection: Connection, isFirst: Bool, _ body: (inout Transaction) throws -> R)
    throws -> R
  {
    var transaction = Transaction(connection: connection, options: options, ticket: ticket)
    gate.open(ticket)
    do {
      let value = try body(&transaction)
      if isFirst, options.maxAttempts > 1, connection.configuration.faults.failsFirstAttempt {
        throw InjectedFailure()
      }
      try transaction.commit()
      if gate.close() { absorbLateCancel(connection) }
      return value
    } catch {
      let wasCancelled = gate.close()
      transaction.rollback()
      throw cause(thrown: error, failure: transaction.failure, cancelArrived: wasCancelled)
    }
  }

  private struct InjectedFailure: Error {}

  /// What the caller is to see: the body's own error unchanged, but a lost race or a cancellation for what
  /// it is, whatever the body has made of it.
  private func cause(thrown: any Error, failure: (any Error)?, cancelArrived: Bool) -> any Error {
    if thrown is InjectedFailure {
      return PostgresError(.server, sqlState: .serializationFailure, reason: "injected")
    }
    if let failure = failure as? PostgresError {
      if failure.isRetryable { return failure }
      if ticket.isCancelled, failure.sqlState == .queryCanceled { return CancellationError() }
    }
    return thrown
  }

  /// A cancel request was on its way while COMMIT succeeded: let it hit an empty statement.
  private func absorbLateCancel(_ connection: Connection) {
    if (try? connection.exchange(["SELECT 1"])) == nil { _ = connection.check() }
  }

  /// 2, 4, 8 … at most 64 milliseconds, of which up to a half by chance, so that rivals do not meet again.
  private static func pause(after attempt: Int) {
    let longest = 1_000 << min(attempt, 6)
    usleep(UInt32(Int.random(in: longest / 2...longest)))
  }
}
