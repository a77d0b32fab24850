import Synchronization

/// A PostgreSQL database: a pool of connections that lends transactions.
///
/// Connections are made when they are needed, each with a thread of its own; a task that waits for its
/// transaction blocks no thread of the cooperative pool.
public final class Database: Sendable {
  public let configuration: DatabaseConfiguration
  private let pool: Pool
  private let listeners = Listeners()

  /// Does nothing yet: the first transaction connects.
  public init(_ configuration: DatabaseConfiguration) {
    self.configuration = configuration
    pool = Pool(configuration)
  }

  deinit {
    listeners.stop()
    pool.shutDown()
  }

  /// The life of the pool as a service: returns when it was shut down, which cancelling the task does too.
  /// Transactions may run before it is called.
  public func run() async throws {
    await withTaskCancellationHandler {
      await pool.drained()
    } onCancel: {
      listeners.stop()
      pool.shutDown()
    }
  }

  /// Runs the body in a transaction, on a connection's own thread, and commits what it did.
  ///
  /// The body is synchronous: nothing can be awaited inside a transaction. It may run several times, because
  /// a transaction that lost a race (40001, 40P01) is done again from its beginning; what it does outside of
  /// the database must allow for that. An error that it throws rolls back and passes through unchanged.
  ///
  /// - Throws: `PostgresError`; `CancellationError` when the task was cancelled, the server then stops the
  ///   statement; whatever the body throws.
  public func transaction<R: Sendable>(
    _ options: TransactionOptions = .init(), _ body: @escaping @Sendable (inout Transaction) throws -> R
  ) async throws -> R {
    let ticket = Ticket()
    let pool = self.pool
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<R, any Error>) in
        let job = Job(
          ticket: ticket, deadline: .now + configuration.acquireTimeout,
          work: { connection, gate in
            let runner = TransactionRunner(
              options: options, ticket: ticket, gate: gate, onRetry: { pool.countRetry($0, attempt: $1) })
            let result = Result { try runner.run(on: connection, body) }
            return { continuation.resume(with: result) }
          },
          fail: { continuation.resume(throwing: $0) })
        pool.submit(job)
      }
    } onCancel: {
      pool.cancel(ticket)
    }
  }

  /// Listens to a channel, on a connection of its own that is made again whenever it breaks.
  ///
  /// What is notified while there is no connection is lost, so each (re)connection, the first one too, is
  /// told as `.reconnected`: time to look for oneself. Behind a transaction pooler there is nothing to hear:
  /// the stream ends at once. It also ends with the database, and the listening ends with the stream.
  public func listen(on channel: String) -> AsyncStream<Notification> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Notification.self, bufferingPolicy: .bufferingNewest(1_024))
    guard configuration.mode == .session, let listener = Listener(configuration, channel, continuation) else {
      continuation.finish()
      return stream
    }
    listeners.start(listener)
    return stream
  }

  /// Refuses new transactions, lets running ones end, closes all connections. May be called often.
  public func shutdown() async {
    listeners.stop()
    pool.shutDown()
    await pool.drained()
  }

  public var statistics: PoolStatistics { pool.statistics }
}
