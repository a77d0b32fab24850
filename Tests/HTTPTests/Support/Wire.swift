import Foundation
import Glibc
import JSON

/// What a server sent for one request.
struct Answer: Equatable {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSONValue? { try? JSONValue(parsing: body) }
  var isProblem: Bool { headers["content-type"] == "application/problem+json" }
}

struct WireError: Error { var reason: String }

/// A blocking client socket that sends what it is told, be it HTTP or not. To be used off the cooperative
/// pool.
///
/// `@unchecked Sendable`: a test uses it from one thread at a time and hands it on by awaiting.
final class Wire: @unchecked Sendable {
  private let socket: Int32
  private var pending: [UInt8] = []

  init(port: Int) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeBytes(of: &address) {
      connect(socket, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, size)
    }
    guard result == 0 else { throw WireError(reason: "connect: \(String(cString: strerror(errno)))") }
  }

  deinit { close(socket) }

  /// False when the other side does not take it any more.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  func sending(_ text: String) -> Wire {
    send(text)
    return self
  }

  /// Waits for more bytes. False at the end.
  private func fill() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(socket, &buffer, buffer.count, 0)
    if count < 0 && errno == EAGAIN { throw WireError(reason: "nothing came") }
    guard count > 0 else { return false }
    pending += buffer[..<count]
    return true
  }

  /// Whether the server has closed, after whatever it still sent.
  func isClosed() throws -> Bool {
    while try fill() {}
    return true
  }

  /// The next answer; nil when the server closes before a whole one.
  func receive(head: Bool = false) throws -> Answer? {
    let blank = Array("\r\n\r\n".utf8)
    var end = pending.firstRange(of: blank)
    while end == nil {
      guard try fill() else { return nil }
      end = pending.firstRange(of: blank)
    }
    guard let end else { return nil }
    let lines = String(decoding: pending[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
    pending.removeFirst(end.upperBound)
    if status == 100 { return Answer(status: 100, headers: headers, body: []) }
    let length = head ? 0 : Int(headers["content-length"] ?? "") ?? 0
    while pending.count < length { guard try fill() else { return nil } }
    defer { pending.removeFirst(length) }
    return Answer(status: status, headers: headers, body: Array(pending[..<length]))
  }
}

/// Runs blocking work on a thread of its own.
func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result { try work() }) }.start()
  }
}
