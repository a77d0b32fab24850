import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: what was started is ended first, so that no PostgreSQL stays behind.
final class Interruption {
  private static let isUnderWay = Atomic<Bool>(false)

  private let sources: [any DispatchSourceSignal]

  init(removing scratch: Scratch) {
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        Self.isUnderWay.store(true, ordering: .sequentiallyConsistent)
        Self.endChildren()
        scratch.remove()
        exit(128 + number)
      }
      source.activate()
      return source
    }
  }

  /// Keeps the measuring thread from taking the end of its programs for a failure and going on.
  static func check() {
    while isUnderWay.load(ordering: .sequentiallyConsistent) { sleep(1) }
  }

  private static func endChildren() {
    let children = Program.children.withLock { $0 }
    for child in children { kill(child, SIGTERM) }
    let deadline = Date(timeIntervalSinceNow: 60)
    while children.contains(where: { kill($0, 0) == 0 }), Date() < deadline { usleep(50_000) }
  }
}
