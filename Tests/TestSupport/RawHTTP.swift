import Glibc

/// Bytes to a server just as a hostile client would send them, and what comes back.
public enum RawHTTP {
  public enum Outcome: Sendable {
    case answer(HTTPAnswer)
    /// The server closed or reset the connection without an answer.
    case closed
    /// No answer within the time, the connection still open.
    case silent

    public var status: Int? { if case .answer(let answer) = self { answer.status } else { nil } }
  }

  /// Sends `pieces` one after the other, each after `pause`, and reads one answer.
  /// - Parameters:
  ///   - endsWriting: half-closes afterwards, so that the server sees the request end early.
  ///   - timeout: how long to wait for the answer.
  public static func exchange(
    port: UInt16, _ pieces: [[UInt8]], pause: Duration = .zero, endsWriting: Bool = false,
    timeout: Duration = .seconds(30)
  ) async throws -> Outcome {
    try await onThread {
      let socket = try Socket(port: port, timeout: timeout)
      do {
        for (index, piece) in pieces.enumerated() {
          if index > 0 && pause > .zero { usleep(useconds_t(pause.wholeMicrosecondsClamped)) }
          try socket.write(piece)
        }
        if endsWriting { socket.endWriting() }
      } catch {
        // Refused while still being sent: the answer may be there all the same.
      }
      var reader = HTTPAnswerReader { try socket.read() }
      do {
        return try reader.next().map(Outcome.answer) ?? .closed
      } catch let failure as Socket.Failure {
        return failure.isTimeout ? .silent : .closed
      }
    }
  }

  public static func exchange(
    port: UInt16, _ request: String, endsWriting: Bool = false, timeout: Duration = .seconds(30)
  ) async throws -> Outcome {
    try await exchange(port: port, [Array(request.utf8)], endsWriting: endsWriting, timeout: timeout)
  }
}

extension Duration {
  fileprivate var wholeMicrosecondsClamped: UInt32 {
    UInt32(clamping: components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000)
  }
}
