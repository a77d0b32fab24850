/// An answer as it came over the wire.
public struct HTTPAnswer: Sendable {
  public let status: Int
  /// In order, names in lower case.
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]
  /// `HTTP/1.0` or `HTTP/1.1`.
  public let version: String

  /// Whether another answer may follow on the same connection.
  public var keepsAlive: Bool {
    switch self["connection"]?.lowercased() {
    case "close": false
    case "keep-alive": true
    default: version == "HTTP/1.1"
    }
  }

  public subscript(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }
  public var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPAnswer {
  /// The next answer on the connection; nil when it is closed before one.
  public static func read(from socket: Socket) throws -> HTTPAnswer? {
    var reader = HTTPAnswerReader { try socket.read() }
    return try reader.next()
  }
}

/// Reads answers from a stream of bytes: lengths and chunks, several answers on one connection.
struct HTTPAnswerReader {
  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  private var buffer: [UInt8] = []
  private let more: () throws -> [UInt8]

  init(_ more: @escaping () throws -> [UInt8]) { self.more = more }

  /// The next final answer; interim ones (`100 Continue`) are skipped. Nil if the stream ends before it.
  mutating func next(toHead: Bool = false) throws -> HTTPAnswer? {
    while let head = try head() {
      guard head.status >= 200 else { continue }
      let isBare = toHead || head.status == 204 || head.status == 304
      let body = isBare ? [] : try body(head.headers)
      return HTTPAnswer(status: head.status, headers: head.headers, body: body, version: head.version)
    }
    return nil
  }

  private typealias Head = (version: String, status: Int, headers: [(name: String, value: String)])

  private mutating func head() throws -> Head? {
    guard let start = try line() else { return nil }
    let words = start.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw Malformed(description: "not a status line: \(start)")
    }
    var headers: [(name: String, value: String)] = []
    while let line = try line(), !line.isEmpty {
      guard let colon = line.firstIndex(of: ":") else { throw Malformed(description: "header \(line)") }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      headers.append((line[..<colon].lowercased(), String(value)))
    }
    return (String(words[0]), status, headers)
  }

  private mutating func body(_ headers: [(name: String, value: String)]) throws -> [UInt8] {
    if headers.contains(where: { $0.name == "transfer-encoding" && $0.value.contains("chunked") }) {
      var body: [UInt8] = []
      while let line = try line() {
        guard let size = Int(line.prefix { $0.isHexDigit }, radix: 16) else {
          throw Malformed(description: "chunk size \(line)")
        }
        let chunk = try take(size)
        _ = try self.line()
        if size == 0 { return body }
        body += chunk
      }
      throw Malformed(description: "ended within chunks")
    }
    if let length = headers.first(where: { $0.name == "content-length" }) {
      guard let count = Int(length.value) else { throw Malformed(description: "length \(length.value)") }
      return try take(count)
    }
    while try fill() {}
    defer { buffer = [] }
    return buffer
  }

  private mutating func line() throws -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        var line = buffer[..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self)
        buffer.removeSubrange(...end)
        return text
      }
      if try !fill() {
        if buffer.isEmpty { return nil }
        throw Malformed(description: "ended within a line")
      }
    }
  }

  private mutating func take(_ count: Int) throws -> [UInt8] {
    while buffer.count < count {
      if try !fill() { throw Malformed(description: "\(buffer.count) bytes instead of \(count)") }
    }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  private mutating func fill() throws -> Bool {
    let bytes = try more()
    buffer += bytes
    return !bytes.isEmpty
  }
}
