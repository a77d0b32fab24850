import Dispatch
import Foundation

/// Ctrl-C and SIGTERM: what was started is ended first, so that no PostgreSQL stays behind.
final class Interruption {
  private let sources: [any DispatchSourceSignal]

  init(removing scratch: Scratch) {
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        Self.endChildren()
        scratch.remove()
        exit(128 + number)
      }
      source.activate()
      return source
    }
  }

  private static func endChildren() {
    let children = Program.children.withLock { $0 }
    for child in children { kill(child, SIGTERM) }
    let deadline = Date(timeIntervalSinceNow: 60)
    while children.contains(where: { kill($0, 0) == 0 }), Date() < deadline { usleep(50_000) }
  }
}
