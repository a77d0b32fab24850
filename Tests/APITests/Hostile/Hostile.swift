import TestSupport

/// A request that nobody should send, byte by byte, and what it gets.
struct Hostile: Sendable {
  enum Answer: Sendable, Equatable {
    /// This status as problem+json.
    case problem(Int)
    /// This status: libmicrohttpd answers by itself what it cannot parse.
    case bare(Int)
    /// The connection is closed without an answer.
    case closed
  }

  let name: String
  /// Sent one after the other.
  var pieces: [[UInt8]]
  let answer: Answer
  var pause: Duration = .zero
  /// Half-closes after the last piece.
  var endsWriting = false

  init(_ name: String, _ bytes: [UInt8], _ answer: Answer) {
    self.name = name
    pieces = [bytes]
    self.answer = answer
  }

  init(_ name: String, _ text: String, _ answer: Answer) { self.init(name, Array(text.utf8), answer) }

  /// The same, a few bytes at a time.
  func trickling(by count: Int, every pause: Duration) -> Hostile {
    var slow = self
    let bytes = pieces.flatMap { $0 }
    slow.pieces = stride(from: 0, to: bytes.count, by: count).map { start in
      Array(bytes[start..<min(start + count, bytes.count)])
    }
    slow.pause = pause
    return slow
  }

  func endingEarly() -> Hostile {
    var early = self
    early.endsWriting = true
    return early
  }
}

/// What the requests of the table speak of: things that exist on the server under attack.
struct HostileGround: Sendable {
  let clientID: String
  let leadID: String
  /// A live lease, of that lead.
  let leaseID: String
  /// An `Idempotency-Key` that has an answer.
  let usedKey: String
  /// A sender's key of another client.
  let strangerKey: String

  static let company = "Target LLC"
  /// None of these may turn up in a log.
  static let secrets = [
    LiveServer.key, "+14155550123", "4155550123", "415-555-0123", "secret.person", "rsv_no-such-key",
    "private-idempotency", "5550000", "Confidential",
  ]

  // MARK: Requests

  func request(
    _ method: String, _ target: String, _ body: String? = nil, fields: String = "",
    type: String? = "application/json", key: String? = LiveServer.key
  ) -> String {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: target\r\n\(fields)"
    if let key { text += "Authorization: Bearer \(key)\r\n" }
    guard let body else { return text + "\r\n" }
    if let type { text += "Content-Type: \(type)\r\n" }
    return text + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  func get(_ target: String) -> String { request("GET", target) }
  func post(_ target: String, _ body: String) -> String { request("POST", target, body) }
  /// `POST /v1/leases`
  func lease(_ body: String) -> String { post("/v1/leases", body) }
  func lease(bytes: [UInt8]) -> [UInt8] {
    // Without the empty line that ends the fields; a line break is one character.
    let head = request("POST", "/v1/leases", fields: "Content-Type: application/json\r\n").dropLast()
    return Array("\(head)Content-Length: \(bytes.count)\r\n\r\n".utf8) + bytes
  }
  /// A good body for a lease, with other members.
  func wish(_ more: String) -> String {
    #"{"company":"\#(Self.company)","lead_id":"\#(leadID)",\#(more)}"#
  }
  func outcome(_ body: String) -> String { post("/v1/leases/\(leaseID)/outcome", body) }
  func client(_ body: String) -> String { post("/v1/clients", body) }
}
