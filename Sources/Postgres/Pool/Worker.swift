import Synchronization

/// What a caller wants done on a connection.
final class Job: Sendable {
  /// Tells the caller. Called after the connection has gone back to the pool.
  typealias Deliver = @Sendable () -> Void

  let ticket: Ticket
  let deadline: MonotonicTime
  let work: @Sendable (Connection, CancelGate) -> Deliver
  let fail: @Sendable (any Error) -> Void

  init(
    ticket: Ticket, deadline: MonotonicTime, work: @escaping @Sendable (Connection, CancelGate) -> Deliver,
    fail: @escaping @Sendable (any Error) -> Void
  ) {
    self.ticket = ticket
    self.deadline = deadline
    self.work = work
    self.fail = fail
  }
}

/// The thread of one connection, from connecting to closing. libpq is touched nowhere else.
final class Worker: Sendable {
  enum Order { case run(Job), check, close }

  let slot: Int
  private let gate = CancelGate()
  private let cancelHandle = Mutex<CancelHandle?>(nil)
  private let mailbox = Mutex<Order?>(nil)
  private let arrived = Semaphore()

  init(slot: Int) { self.slot = slot }

  /// From any thread; one order at a time.
  func give(_ order: Order) {
    mailbox.withLock { box in
      precondition(box == nil, "a connection does one thing at a time")
      box = order
    }
    arrived.signal()
  }

  /// Stops what runs for this request, if it still runs. Blocks for a moment.
  func interrupt(_ ticket: UInt64) {
    if let handle = cancelHandle.withLock({ $0 }) { gate.send(for: ticket, handle) }
  }

  /// The thread's whole life.
  func live(in pool: Pool) {
    do {
      try serve(pool)
      pool.closed(self)
    } catch {
      pool.connectFailed(self, error)
    }
  }

  private func serve(_ pool: Pool) throws(PostgresError) {
    let connection = try Connection.open(pool.configuration)
    cancelHandle.withLock { $0 = connection.makeCancelHandle() }
    pool.connected(self)
    while true {
      switch nextOrder() {
      case .run(let job):
        guard connection.isAlive() else {
          pool.returned(job, from: self, connection.markLost())
          continue
        }
        let before = connection.roundTrips
        let deliver = job.work(connection, gate)
        pool.finished(job, on: self, failure: connection.failure, roundTrips: connection.roundTrips - before)
        deliver()
      case .check:
        pool.checked(self, failure: connection.check() ? nil : connection.markLost())
      case .close:
        return
      }
    }
  }

  private func nextOrder() -> Order {
    while true {
      arrived.wait()
      if let order = mailbox.withLock({ $0.take() }) { return order }
    }
  }
}
