/// All polling threads of a server, used by its `run` alone.
final class PollingThreads {
  private var daemons: [Slot] = []

  /// A box, since what cannot be copied does not go into an array.
  private final class Slot {
    var daemon: Daemon?
    init(_ daemon: consuming Daemon) { self.daemon = consume daemon }
  }

  /// - Throws: `ListenError`
  init(_ core: ServerCore, _ listener: borrowing Listener) throws(ListenError) {
    for _ in 0..<max(1, core.configuration.threads) {
      do {
        daemons.append(Slot(try Daemon(core, listener)))
      } catch {
        quiesce()
        stop()
        throw error
      }
    }
  }

  func quiesce() {
    for slot in daemons { slot.daemon?.quiesce() }
  }

  func stop() {
    for slot in daemons { slot.daemon.take()?.stop() }
  }
}
