import Dispatch
import Glibc
import Postgres
import Synchronization

/// The built `reservoir` (or another program) as a process of its own, for tests that need the real one:
/// signals, crashes, several servers on one database.
///
/// Its output is kept line by line. What still runs when the value goes away is killed.
///
///     let server = try ServerProcess(["serve", "--listen", "127.0.0.1:0"])
///     let line = try await server.line(containing: "listening on")
///     server.signal(SIGTERM)
///     #expect(await server.ended() == .code(0))
public final class ServerProcess: Sendable {
  public struct Silence: Error, CustomStringConvertible {
    public let description: String
  }

  private struct State {
    var lines: [String] = []
    var isOver = false
    var ended: ExitStatus?
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0
  }

  public let pid: pid_t
  private let state = Mutex(State())

  /// Where `swift build` has put this run's executable: beside the test bundle.
  public static var executable: String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let bundle = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let directory = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return directory.joined(separator: "/") + "/reservoir"
  }

  /// Starts the program. `environment` is added to a small clean one; nothing else is inherited.
  public init(
    _ arguments: [String], environment: [String: String] = [:], executable: String = executable,
    directory: String? = nil
  ) throws {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "a pipe can be made")
    _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
    defer { close(ends[1]) }
    var options = ChildProcess.Options()
    options.environment =
      ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"] + environment.map { "\($0.key)=\($0.value)" }
    options.directory = directory
    options.output = ends[1]
    options.errors = ends[1]
    let child = try ChildProcess(executable, arguments, options)
    pid = child.pid
    let output = ends[0]
    DispatchQueue(label: "output of \(pid)").async { [weak self] in
      Self.eachLine(of: output) { line in self?.change { $0.lines.append(line) } }
      self?.change { $0.isOver = true }
    }
    DispatchQueue(label: "end of \(pid)").async { [weak self] in
      let status = child.wait()
      self?.change { $0.ended = status }
    }
  }

  deinit { if state.withLock({ $0.ended == nil }) { kill(pid, SIGKILL) } }

  /// Everything that it has written so far, output and errors mixed.
  public var lines: [String] { state.withLock { $0.lines } }

  public func signal(_ number: Int32) { if state.withLock({ $0.ended == nil }) { kill(pid, number) } }

  /// Waits for the first line that contains `text`.
  public func line(containing text: String, within limit: Duration = .seconds(180)) async throws -> String {
    let found = try await wait(for: "a line with \"\(text)\"", within: limit) { state -> [String]? in
      if let line = state.lines.first(where: { $0.contains(text) }) { return [line] }
      return state.isOver ? [] : nil
    }
    if let line = found.first { return line }
    throw Silence(description: "ended without a line with \"\(text)\"; it wrote:\n\(transcript)")
  }

  /// Waits until the process has ended.
  package func ended(within limit: Duration = .seconds(180)) async throws -> ExitStatus {
    try await wait(for: "the end", within: limit) { $0.ended }
  }

  /// Waits until nothing more can come from it or from a child that shares its output.
  public func outputEnded(within limit: Duration = .seconds(180)) async throws {
    _ = try await wait(for: "the end of its output", within: limit) { $0.isOver ? true : nil }
  }

  /// Asks it to end, and kills it if it does not.
  @discardableResult
  package func stop(within limit: Duration = .seconds(20)) async -> ExitStatus {
    signal(SIGTERM)
    if let status = try? await ended(within: limit) { return status }
    signal(SIGKILL)
    return (try? await ended()) ?? .unknown
  }

  private var transcript: String { lines.suffix(40).joined(separator: "\n") }

  private func change(_ body: (inout State) -> Void) {
    let woken = state.withLock { state in
      body(&state)
      let woken = state.waiting.values
      state.waiting = [:]
      return Array(woken)
    }
    for waiter in woken { waiter.resume() }
  }

  /// Looks again after each change until `look` finds something.
  private func wait<Value: Sendable>(
    for what: String, within limit: Duration, _ look: @Sendable (borrowing State) -> Value?
  ) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
      if let found = state.withLock({ look($0) }) { return found }
      guard ContinuousClock.now < deadline else {
        throw Silence(description: "no sign of \(what) within \(limit); it wrote:\n\(transcript)")
      }
      await change(until: deadline, unless: { look($0) != nil })
    }
  }

  /// Returns at the next change of the state, or at `deadline`.
  private func change(
    until deadline: ContinuousClock.Instant, unless isDone: @Sendable (borrowing State) -> Bool
  ) async {
    let alarm = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withCheckedContinuation { done in
      let isLate = state.withLock { state in
        if isDone(state) { return true }
        state.waiting[alarm] = done
        return false
      }
      if isLate { return done.resume() }
      let rest = (deadline - .now).components.seconds + 1
      DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(rest))) { [weak self] in
        self?.state.withLock { $0.waiting.removeValue(forKey: alarm) }?.resume()
      }
    }
  }

  private static func eachLine(of file: Int32, _ body: (String) -> Void) {
    defer { close(file) }
    var rest: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      rest += chunk[..<count]
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        body(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeSubrange(...end)
      }
    }
    if !rest.isEmpty { body(String(decoding: rest, as: UTF8.self)) }
  }
}
