import Dispatch
import Glibc
import Synchronization

/// A demand from outside to stop.
public enum StopSignal: String, Sendable {
  case terminate = "SIGTERM"
  case interrupt = "SIGINT"
}

/// Turns SIGTERM and SIGINT into a stream and ignores SIGPIPE, for the whole process from its making on.
///
/// Made once, by the executable, before other threads start. While it lives, the signals no longer end the
/// process by themselves.
public final class SignalListener: Sendable {
  public let signals: AsyncStream<StopSignal>
  private let sources: Mutex<[any DispatchSourceSignal]>

  public init() {
    signal(SIGPIPE, SIG_IGN)
    let (signals, inbox) = AsyncStream.makeStream(of: StopSignal.self)
    let queue = DispatchQueue(label: "signals")
    var sources: [any DispatchSourceSignal] = []
    for (number, meaning) in [(SIGTERM, StopSignal.terminate), (SIGINT, .interrupt)] {
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      let echoes = EchoFilter()
      source.setEventHandler { if echoes.isNew(at: .now) { inbox.yield(meaning) } }
      // Until the source is registered the signal would end the process.
      let registered = DispatchSemaphore(value: 0)
      source.setRegistrationHandler { registered.signal() }
      source.resume()
      registered.wait()
      sources.append(source)
    }
    self.signals = signals
    self.sources = Mutex(sources)
  }

  deinit {
    sources.withLock { for source in $0 { source.cancel() } }
  }
}

/// Tells a demand from its echo. Wrappers such as `timeout` pass a signal on that the terminal has sent to
/// the whole group already; taken for a second demand, it would cut the stop short.
final class EchoFilter: Sendable {
  static let span: Duration = .milliseconds(500)
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  /// Whether none was new within the span before.
  func isNew(at instant: ContinuousClock.Instant) -> Bool {
    last.withLock { last in
      if let last, instant - last < Self.span { return false }
      last = instant
      return true
    }
  }
}
