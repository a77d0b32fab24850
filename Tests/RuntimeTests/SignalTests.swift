import Glibc
import Testing

@testable import Runtime

/// In processes of their own, since signals belong to a process.
@Suite struct SignalTests {
  @Test func `SIGTERM and SIGINT become demands to stop, and SIGPIPE nothing`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let listener = SignalListener()
      // Threads that exist before and after the listener must not take the signals by themselves.
      var demands = listener.signals.makeAsyncIterator()
      kill(getpid(), SIGPIPE)
      kill(getpid(), SIGTERM)
      let first = await demands.next()
      kill(getpid(), SIGINT)
      let second = await demands.next()
      exit(first == .terminate && second == .interrupt ? 7 : 8)
    }
  }

  @Test func `a group of services is stopped by a real signal`() async {
    await #expect(processExitsWith: .exitCode(9)) {
      let listener = SignalListener()
      let service = ServiceBody("idle") {
        kill(getpid(), SIGTERM)
        let never = AsyncStream<Never> { _ in }
        for await _ in never {}
      }
      try await ServiceGroup([service], signals: listener.signals).run()
      exit(9)
    }
  }

  @Test func `the same demand again within half a second is an echo`() {
    let echoes = EchoFilter()
    let start = ContinuousClock.now
    #expect(echoes.isNew(at: start))
    #expect(!echoes.isNew(at: start + .milliseconds(1)))
    #expect(!echoes.isNew(at: start + .milliseconds(499)))
    #expect(echoes.isNew(at: start + .milliseconds(500)))
    #expect(!echoes.isNew(at: start + .milliseconds(600)))
  }
}
