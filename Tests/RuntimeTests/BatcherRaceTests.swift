import Runtime
import Synchronization
import Testing

/// Thousands of callers, many of which go away at any moment, on several lanes, with failing requests and
/// failing rounds: every request is served at most once, and each caller gets exactly its own answer.
@Suite struct BatcherRaceTests {
  @Test(arguments: [1, 2, 4])
  func `callers that come and go leave nothing half done`(_ lanes: Int) async throws {
    let callers = 8_000
    let tally = TallyBox()
    let batcher = Batcher<Int, Int>("race", lanes: lanes, maxRound: 64, maxQueue: 2_000) { requests in
      await Task.yield()
      // A few rounds throw as a whole, before anything is done.
      if requests.count > 1, requests.contains(where: { $0 % 997 == 0 }) { throw Fault() }
      return requests.map { request in
        tally.serve(request)
        return request % 10 == 3 ? .failure(Fault()) : .success(request * 3)
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for caller in 0..<callers {
        group.addTask {
          let task = Task { try await batcher.submit(caller) }
          if caller % 4 == 1 {
            for _ in 0..<(caller % 7) { await Task.yield() }
            task.cancel()
          }
          tally.note(caller, await task.result)
        }
        if caller % 50 == 0 { await Task.yield() }
      }
    }
    await batcher.drain()
    let end = tally.end
    #expect(end.answered + end.cancelled + end.failed + end.overloaded == callers)
    #expect(end.served.values.allSatisfy { $0 == 1 }, "no request is served twice")
    #expect(end.wrong == 0, "every answer is the caller's own")
    #expect(end.refusedButServed == 0, "a refused request is never served")
    #expect(end.served.count >= end.answered + end.failed)
    #expect(end.served.count <= end.answered + end.failed + end.cancelled)
    #expect(batcher.waiting == 0)
    #expect(end.answered > 0 && end.cancelled > 0 && end.failed > 0)
  }

  private struct Fault: Error {}

  private final class TallyBox: Sendable {
    struct State {
      var served: [Int: Int] = [:]
      var refused: Set<Int> = []
      var answered = 0
      var cancelled = 0
      var failed = 0
      var overloaded = 0
      var wrong = 0
      var refusedButServed: Int { refused.count { served[$0] != nil } }
    }
    private let state = Mutex(State())
    var end: State { state.withLock { $0 } }

    func serve(_ request: Int) { state.withLock { $0.served[request, default: 0] += 1 } }

    func note(_ caller: Int, _ result: Result<Int, any Error>) {
      state.withLock { state in
        switch result {
        case .success(let answer):
          state.answered += 1
          if answer != caller * 3 || caller % 10 == 3 { state.wrong += 1 }
        case .failure(is CancellationError): state.cancelled += 1
        case .failure(is Overloaded):
          state.overloaded += 1
          state.refused.insert(caller)
        case .failure:
          state.failed += 1
          if caller % 10 != 3 { state.wrong += 1 }
        }
      }
    }
  }
}
