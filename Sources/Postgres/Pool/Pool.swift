import Synchronization

/// Carries out what `PoolMachine` decides: threads, deadlines, cancel requests.
final class Pool: Sendable {
  /// A cancel request that is repeated until the transaction is over, because one that reaches the server
  /// between two statements has no effect.
  private struct Interrupt {
    let worker: Worker
    var due: MonotonicTime
    var pause: Duration
  }

  private struct State {
    var machine: PoolMachine
    var jobs: [UInt64: Job] = [:]
    var workers: [Int: Worker] = [:]
    var interrupts: [UInt64: Interrupt] = [:]
    var lastFailure: PostgresError?
    /// When the housekeeper wakes by itself; nil while it has no reason to.
    var wakeTime: MonotonicTime?
    var hasHousekeeper = false
    var drainWaiters: [CheckedContinuation<Void, Never>] = []
    var retries = 0
    var roundTrips = 0
  }

  let configuration: DatabaseConfiguration
  private let state: Mutex<State>
  private let housekeeperWake = Semaphore()

  init(_ configuration: DatabaseConfiguration) {
    self.configuration = configuration
    let settings = PoolMachine.Settings(
      size: configuration.poolSize, idleTimeout: configuration.idleTimeout,
      healthCheckInterval: configuration.healthCheckInterval)
    state = Mutex(State(machine: PoolMachine(settings)))
  }

  var statistics: PoolStatistics {
    state.withLock { state in
      var statistics = PoolStatistics(
        waiting: state.machine.waiting.count, retries: state.retries, timeouts: state.machine.timeouts,
        roundTrips: state.roundTrips)
      for slot in state.machine.slots {
        switch slot {
        case .busy: statistics.inUse += 1
        case .idle, .checking: statistics.idle += 1
        case .empty, .connecting, .closing: continue
        }
        statistics.open += 1
      }
      return statistics
    }
  }

  // MARK: Callers

  func submit(_ job: Job) {
    let (actions, wakes, starts) = state.withLock { state -> ([PoolMachine.Action], Bool, Bool) in
      state.jobs[job.ticket.id] = job
      guard !job.ticket.isCancelled else { return ([.fail(job.ticket.id, .cancelled)], false, false) }
      let actions = state.machine.submit(job.ticket.id, deadline: job.deadline, now: .now)
      let starts = !state.hasHousekeeper && !state.machine.isShutDown
      if starts { state.hasHousekeeper = true }
      let mustWake = state.wakeTime.map { job.deadline < $0 } ?? true
      if mustWake { state.wakeTime = job.deadline }
      return (actions, mustWake, starts)
    }
    carryOut(actions)
    if starts, !startThread({ self.keepHouse() }) { state.withLock { $0.hasHousekeeper = false } }
    if wakes { housekeeperWake.signal() }
  }

  func cancel(_ ticket: Ticket) {
    ticket.cancel()
    carryOut(state.withLock { $0.machine.cancel(ticket.id) })
  }

  func countRetry(_ sqlState: SQLState, attempt: Int) {
    state.withLock { $0.retries += 1 }
    configuration.onEvent?(.retry(sqlState, attempt: attempt))
  }

  func shutDown() {
    carryOut(state.withLock { $0.machine.shutDown() })
    housekeeperWake.signal()
    resumeIfDrained()
  }

  /// Returns when after a shutdown the last connection has been closed.
  func drained() async {
    await withCheckedContinuation { continuation in
      state.withLock { $0.drainWaiters.append(continuation) }
      resumeIfDrained()
    }
  }

  // MARK: Workers

  func connected(_ worker: Worker) {
    configuration.onEvent?(.connected)
    handle { state in
      state.workers[worker.slot] = worker
      return state.machine.connected(worker.slot, now: .now)
    }
  }

  func connectFailed(_ worker: Worker, _ error: PostgresError) {
    configuration.onEvent?(.connectFailed(error))
    handle { state in
      state.lastFailure = error
      return state.machine.connectFailed(worker.slot, now: .now)
    }
  }

  func returned(_ job: Job, from worker: Worker, _ error: PostgresError) {
    configuration.onEvent?(.lost(error))
    handle { state in
      state.jobs[job.ticket.id] = job
      let id = job.ticket.id
      return state.machine.returned(id, from: worker.slot, deadline: job.deadline)
        + (job.ticket.isCancelled ? state.machine.cancel(id) : [])
    }
  }

  func finished(_ job: Job, on worker: Worker, failure: PostgresError?, roundTrips: Int) {
    if let failure { configuration.onEvent?(.lost(failure)) }
    handle { state in
      state.roundTrips += roundTrips
      if !state.interrupts.isEmpty { state.interrupts[job.ticket.id] = nil }
      return state.machine.finished(worker.slot, isBroken: failure != nil, now: .now)
    }
  }

  func checked(_ worker: Worker, failure: PostgresError?) {
    if let failure { configuration.onEvent?(.lost(failure)) }
    handle { $0.machine.checked(worker.slot, isBroken: failure != nil, now: .now) }
  }

  func closed(_ worker: Worker) {
    configuration.onEvent?(.closed)
    handle { state in
      state.workers[worker.slot] = nil
      return state.machine.closed(worker.slot, now: .now)
    }
    resumeIfDrained()
  }

  // MARK: Doing

  /// Tells the machine what happened, and does what it answers.
  private func handle(_ event: (inout State) -> [PoolMachine.Action]) {
    let (actions, wakes) = state.withLock { state -> ([PoolMachine.Action], Bool) in
      let actions = event(&state)
      // What was not run at once has become idle, or waits to be tried again.
      guard actions.isEmpty, let next = state.machine.nextTick, state.wakeTime.map({ next < $0 }) ?? true
      else {
        return (actions, false)
      }
      state.wakeTime = next
      return (actions, true)
    }
    carryOut(actions)
    if wakes { housekeeperWake.signal() }
  }

  private func carryOut(_ actions: [PoolMachine.Action]) {
    for action in actions { carryOut(action) }
  }

  private func carryOut(_ action: PoolMachine.Action) {
    switch action {
    case .run(let id, let slot):
      let (job, worker) = state.withLock { ($0.jobs.removeValue(forKey: id), $0.workers[slot]) }
      guard let job, let worker else { preconditionFailure("a request that runs has its job and its worker") }
      worker.give(.run(job))
    case .connect(let slot):
      let worker = Worker(slot: slot)
      if !startThread({ worker.live(in: self) }) {
        connectFailed(worker, PostgresError(.connectionFailed, reason: "the system refused a thread"))
      }
    case .check(let slot): state.withLock { $0.workers[slot] }?.give(.check)
    case .close(let slot): state.withLock { $0.workers[slot] }?.give(.close)
    case .fail(let id, let failure): fail(id, failure)
    case .interrupt(let id, let slot):
      state.withLock { state in
        guard state.machine.slots[slot] == .busy(id), let worker = state.workers[slot] else { return }
        state.interrupts[id] = Interrupt(worker: worker, due: .now, pause: .milliseconds(20))
        state.wakeTime = .now
      }
      housekeeperWake.signal()
    }
  }

  private func fail(_ id: UInt64, _ failure: PoolMachine.Failure) {
    let (job, last) = state.withLock { ($0.jobs.removeValue(forKey: id), $0.lastFailure) }
    switch failure {
    case .closed: job?.fail(PostgresError(.closed))
    case .cancelled: job?.fail(CancellationError())
    case .timeout: job?.fail(PostgresError(.poolTimeout))
    case .unreachable: job?.fail(last ?? PostgresError(.connectionFailed))
    }
  }

  private func resumeIfDrained() {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard state.machine.isDrained else { return [] }
      defer { state.drainWaiters = [] }
      return state.drainWaiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// The thread of deadlines, health checks and cancel requests.
  private func keepHouse() {
    while true {
      let (actions, interrupts, wakeTime, isOver) = state.withLock { state in
        let now = MonotonicTime.now
        let actions = state.machine.tick(now: now)
        var due: [(UInt64, Worker)] = []
        for (id, interrupt) in state.interrupts where interrupt.due <= now {
          due.append((id, interrupt.worker))
          let pause = min(interrupt.pause * 2, .seconds(1))
          state.interrupts[id] = Interrupt(worker: interrupt.worker, due: now + interrupt.pause, pause: pause)
        }
        let times = [state.machine.nextTick].compactMap { $0 } + state.interrupts.values.map(\.due)
        state.wakeTime = times.min()
        return (actions, due, state.wakeTime, state.machine.isDrained)
      }
      carryOut(actions)
      for (id, worker) in interrupts { worker.interrupt(id) }
      if isOver { return }
      housekeeperWake.wait(until: wakeTime)
    }
  }
}

/// What a pool does at this moment, and what it has done since it was made.
public struct PoolStatistics: Sendable, Equatable {
  /// Connections, in use or not.
  public var open = 0
  public var idle = 0
  public var inUse = 0
  /// Transactions that wait for a connection.
  public var waiting = 0
  /// Transactions that were done again after a lost race.
  public var retries = 0
  /// Transactions that waited for a connection in vain.
  public var timeouts = 0
  /// Exchanges with the server.
  public var roundTrips = 0
}
