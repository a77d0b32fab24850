import Domain

/// Why a group did not end as it was asked to.
public struct ServiceGroupFailure: Error, CustomStringConvertible {
  /// The service that ended by itself, and its error; nil when it just returned.
  public let ended: (name: String, error: (any Error)?)?
  /// Services that threw while they stopped.
  public let failedToStop: [(name: String, error: any Error)]
  /// Services that had not stopped when their time was over.
  public let notStopped: [String]
  /// Whether the stop itself was cut short by a second interrupt.
  public let isInterrupted: Bool

  public var description: String {
    var parts: [String] = []
    if let ended {
      let reason =
        ended.error.map { "failed: \(Redaction.scrub(String(describing: $0)))" } ?? "ended unexpectedly"
      parts.append("\(ended.name) \(reason)")
    }
    for (name, error) in failedToStop {
      parts.append("\(name) failed to stop: \(Redaction.scrub(String(describing: error)))")
    }
    if !notStopped.isEmpty { parts.append("did not stop in time: \(notStopped.joined(separator: ", "))") }
    if isInterrupted { parts.append("interrupted while stopping") }
    return parts.joined(separator: "; ")
  }
}

/// Runs services: starts them in order, each when the one before is ready, and stops them in reverse order.
///
/// It stops when a signal arrives, when its own task is cancelled, or when a service ends by itself. Of the
/// time for stopping each service may use half of what is left, and the last one all: so one that hangs
/// cannot take the time that the database at the bottom needs. A second interrupt ends the wait at once.
public struct ServiceGroup: Sendable {
  private let services: [any Service]
  private let deadline: Duration
  private let signals: AsyncStream<StopSignal>
  private let log: Log
  private let time: any TimeSource

  /// - Parameters:
  ///   - deadline: the longest time for stopping all services together.
  ///   - signals: `SignalListener.signals` in a server; a stream of one's own in tests.
  public init(
    _ services: [any Service], deadline: Duration = .seconds(30),
    signals: AsyncStream<StopSignal> = AsyncStream { $0.finish() }, log: Log = .off,
    time: any TimeSource = WallClock()
  ) {
    self.services = services
    self.deadline = deadline
    self.signals = signals
    self.log = log
    self.time = time
  }

  /// Returns when all services have stopped after a signal or a cancellation.
  ///
  /// - Throws: `ServiceGroupFailure` in every other case.
  public func run() async throws {
    let (events, inbox) = AsyncStream.makeStream(of: GroupEvent.self)
    let listener = Task { [signals] in
      for await signal in signals { inbox.yield(.signal(signal)) }
    }
    defer { listener.cancel() }
    // The loop below must go on after a cancellation, in order to stop the services; so it has its own task.
    let loop = Task {
      var supervisor = Supervisor(inbox: inbox, events: events, log: log, time: time)
      await supervisor.start(services)
      try await supervisor.stop(within: deadline)
    }
    try await withTaskCancellationHandler {
      try await loop.value
    } onCancel: {
      inbox.yield(.cancelled)
    }
  }
}

enum GroupEvent: Sendable {
  case signal(StopSignal)
  case cancelled
  case ready(Int)
  case notReady(Int, any Error)
  case ended(Int, (any Error)?)
  case outOfTime(Int)
}
