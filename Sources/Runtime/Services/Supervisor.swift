import Domain

/// The loop of a `ServiceGroup`: reads events one after the other and keeps who runs.
struct Supervisor {
  private struct Running {
    let name: String
    let task: Task<Void, Never>
    let readiness: Task<Void, Never>
  }

  private let inbox: AsyncStream<GroupEvent>.Continuation
  private var events: AsyncStream<GroupEvent>.Iterator
  private let log: Log
  private let time: any TimeSource

  private var names: [String] = []
  private var running: [Int: Running] = [:]
  private var ended: (name: String, error: (any Error)?)?
  private var failedToStop: [(name: String, error: any Error)] = []
  private var notStopped: [String] = []

  init(
    inbox: AsyncStream<GroupEvent>.Continuation, events: AsyncStream<GroupEvent>, log: Log,
    time: any TimeSource
  ) {
    self.inbox = inbox
    self.events = events.makeAsyncIterator()
    self.log = log
    self.time = time
  }

  /// Starts all services and returns when they must stop.
  mutating func start(_ services: [any Service]) async {
    names = services.map(\.name)
    for (index, service) in services.enumerated() {
      launch(service, index)
      guard await waitUntilReady(index) else { return }
      log.info("service started", ["service": .vouched(service.name)])
    }
    _ = await waitUntilReady(nil)
  }

  private mutating func launch(_ service: any Service, _ index: Int) {
    let inbox = inbox
    let task = Task {
      do {
        try await service.run()
        inbox.yield(.ended(index, nil))
      } catch {
        inbox.yield(.ended(index, error))
      }
    }
    let readiness = Task {
      do {
        try await service.ready()
        inbox.yield(.ready(index))
      } catch {
        if !Task.isCancelled { inbox.yield(.notReady(index, error)) }
      }
    }
    running[index] = Running(name: service.name, task: task, readiness: readiness)
  }

  /// True when the service is ready; false when all must stop. Without a service it waits for the latter.
  private mutating func waitUntilReady(_ wanted: Int?) async -> Bool {
    while let event = await events.next(isolation: #isolation) {
      switch event {
      case .ready(let index):
        if index == wanted { return true }
      case .ended(let index, let error):
        running[index] = nil
        return fail(index, error)
      case .notReady(let index, let error):
        return fail(index, error)
      case .signal(let signal):
        log.info("stopping", ["signal": .vouched(signal.rawValue)])
        return false
      case .cancelled:
        return false
      case .outOfTime:
        preconditionFailure("nothing has been asked to stop")
      }
    }
    return false
  }

  private mutating func fail(_ index: Int, _ error: (any Error)?) -> Bool {
    ended = (names[index], error)
    log.error(
      "service ended unexpectedly",
      ["service": .vouched(names[index]), "error": error.map(LogValue.error) ?? "none"])
    return false
  }

  /// Stops what runs, the last first.
  mutating func stop(within deadline: Duration) async throws {
    let end = time.now + deadline
    for running in running.values { running.readiness.cancel() }
    var isInterrupted = false
    for index in names.indices.reversed() {
      guard let service = running[index] else { continue }
      let isLast = running.count == 1
      let left = max(end - time.now, .zero)
      service.task.cancel()
      isInterrupted = await waitForEnd(of: index, until: time.now + (isLast ? left : left / 2))
      if isInterrupted { break }
    }
    notStopped += running.sorted { $0.key < $1.key }.map(\.value.name)
    for service in running.values { service.task.cancel() }
    inbox.finish()
    guard ended == nil, failedToStop.isEmpty, notStopped.isEmpty else {
      throw ServiceGroupFailure(
        ended: ended, failedToStop: failedToStop, notStopped: notStopped, isInterrupted: isInterrupted)
    }
  }

  /// True when a second interrupt cuts the stop short.
  private mutating func waitForEnd(of index: Int, until limit: Timestamp) async -> Bool {
    let timer = Task { [inbox, time] in
      try await time.sleep(until: limit)
      inbox.yield(.outOfTime(index))
    }
    defer { timer.cancel() }
    while running[index] != nil, let event = await events.next(isolation: #isolation) {
      switch event {
      case .ended(let other, let error):
        noteEnd(of: other, error)
      case .outOfTime(index):
        notStopped.append(names[index])
        running[index] = nil
        log.error("service did not stop in time", ["service": .vouched(names[index])])
      case .signal(.interrupt):
        return true
      case .signal, .cancelled, .ready, .notReady, .outOfTime:
        continue
      }
    }
    return false
  }

  private mutating func noteEnd(of index: Int, _ error: (any Error)?) {
    guard running.removeValue(forKey: index) != nil else { return }
    if let error, !(error is CancellationError) {
      failedToStop.append((names[index], error))
      log.error("service failed to stop", ["service": .vouched(names[index]), "error": .error(error)])
    } else {
      log.info("service stopped", ["service": .vouched(names[index])])
    }
  }
}
