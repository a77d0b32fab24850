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
      source.setEventHandler { inbox.yield(meaning) }
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
