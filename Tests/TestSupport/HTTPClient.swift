import Dispatch
import Glibc

/// One keep-alive connection, used from one thread, which it blocks. Connects again when the server has
/// closed between two requests.
public final class HTTPConnection {
  private let port: UInt16
  private let timeout: Duration
  /// Sent with each request.
  public var headers: [(String, String)]
  private var open: (socket: Socket, reader: HTTPAnswerReader)?

  public init(port: UInt16, headers: [(String, String)] = [], timeout: Duration = .seconds(30)) {
    self.port = port
    self.headers = headers
    self.timeout = timeout
  }

  /// Sends a request and reads its answer. A request that was lost on a connection that had been idle is
  /// not repeated: whether it had an effect is the caller's question.
  public func send(
    _ method: String, _ path: String, headers extra: [(String, String)] = [], body: [UInt8] = []
  ) throws -> HTTPAnswer {
    if open == nil {
      let socket = try Socket(port: port, timeout: timeout)
      open = (socket, HTTPAnswerReader { try socket.read() })
    }
    var text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
    for (name, value) in headers + extra { text += "\(name): \(value)\r\n" }
    if !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" {
      text += "Content-Length: \(body.count)\r\n"
    }
    do {
      try open!.socket.write(Array((text + "\r\n").utf8) + body)
      guard let answer = try open!.reader.next(toHead: method == "HEAD") else {
        throw Socket.Failure(operation: "read", code: ECONNRESET)
      }
      if !answer.keepsAlive { open = nil }
      return answer
    } catch {
      open = nil
      throw error
    }
  }

  /// Sends JSON text.
  public func send(
    _ method: String, _ path: String, headers extra: [(String, String)] = [], json: String
  ) throws -> HTTPAnswer {
    try send(method, path, headers: [("Content-Type", "application/json")] + extra, body: Array(json.utf8))
  }
}

/// Requests from async tests: one connection on a thread of its own, so that nothing here blocks the
/// cooperative pool that the server under test may run on.
public final class HTTPClient: Sendable {
  private let queue = DispatchQueue(label: "http client")
  // Touched on `queue` alone, which is serial.
  nonisolated(unsafe) private let connection: HTTPConnection

  public init(port: UInt16, headers: [(String, String)] = [], timeout: Duration = .seconds(30)) {
    connection = HTTPConnection(port: port, headers: headers, timeout: timeout)
  }

  public func send(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
  ) async throws -> HTTPAnswer {
    try await withCheckedThrowingContinuation { done in
      queue.async {
        done.resume(with: Result { try self.connection.send(method, path, headers: headers, body: body) })
      }
    }
  }

  public func send(
    _ method: String, _ path: String, headers: [(String, String)] = [], json: String
  ) async throws -> HTTPAnswer {
    try await send(
      method, path, headers: [("Content-Type", "application/json")] + headers, body: Array(json.utf8))
  }
}

/// Many connections at once, each on its own thread.
public enum HTTPLoad {
  /// Runs `body` once per connection, all at the same time, and returns what each returned, in order.
  public static func run<Value: Sendable>(
    port: UInt16, connections: Int, headers: [(String, String)] = [],
    _ body: @escaping @Sendable (_ connection: HTTPConnection, _ index: Int) throws -> Value
  ) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      for index in 0..<connections {
        group.addTask {
          try await onThread { (index, try body(HTTPConnection(port: port, headers: headers), index)) }
        }
      }
      var results = [Value?](repeating: nil, count: connections)
      for try await (index, value) in group { results[index] = value }
      return results.compactMap { $0 }
    }
  }
}
