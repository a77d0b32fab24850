import HTTP
import Testing

/// A request that nobody should send, and what it gets.
struct Hostile: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  /// Nil: the connection is closed without an answer.
  var status: Int?
  /// Whether the request is only begun.
  var isSlow: Bool { name.hasPrefix("half ") }
  var testDescription: String { name }

  init(_ name: String, _ text: String, _ status: Int? = nil) {
    self.name = name
    bytes = Array(text.utf8)
    self.status = status
  }

  init(_ name: String, bytes: [UInt8], _ status: Int? = nil) {
    self.name = name
    self.bytes = bytes
    self.status = status
  }
}

private func get(_ target: String, _ fields: String = "") -> String {
  "GET \(target) HTTP/1.1\r\nHost: t\r\n\(fields)\r\n"
}

private func post(_ body: String, _ fields: String = "Content-Type: application/json\r\n") -> String {
  "POST /things HTTP/1.1\r\nHost: t\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

private func post(bytes: [UInt8]) -> [UInt8] {
  let head = "POST /things HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
  return Array("\(head)Content-Length: \(bytes.count)\r\n\r\n".utf8) + bytes
}

private func framed(_ fields: String, _ body: String = "") -> String {
  "POST /things HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n\(fields)\r\n\(body)"
}

private let bodies: [Hostile] = [
  Hostile("an array", post("[]"), 422),
  Hostile("null", post("null"), 422),
  Hostile("a string", post(#""x""#), 422),
  Hostile("wrong types", post(#"{"number":{},"copies":"1"}"#), 422),
  Hostile("a boolean for a number", post(#"{"number":"A","copies":true}"#), 422),
  Hostile("a fraction", post(#"{"number":"A","copies":1.5}"#), 422),
  Hostile("a number out of range", post(#"{"number":"A","copies":10}"#), 422),
  Hostile("a number beyond 64 bits", post(#"{"number":"A","copies":99999999999999999999}"#), 400),
  Hostile("a number beyond a double", post(#"{"number":"A","copies":1e999}"#), 400),
  Hostile("a negative", post(#"{"number":"A","copies":-1}"#), 422),
  Hostile("an unknown field", post(#"{"number":"A","copies":1,"x":1}"#), 422),
  Hostile("a duplicate key", post(#"{"number":"A","number":"B","copies":1}"#), 400),
  Hostile("a missing field", post(#"{"number":"A"}"#), 422),
  Hostile("null for a string", post(#"{"number":null,"copies":1}"#), 422),
  Hostile("too long a string", post(#"{"number":"123456789012345678901","copies":1}"#), 422),
  Hostile("an empty string", post(#"{"number":"","copies":1}"#), 422),
  Hostile("an escaped NUL", post(#"{"number":"a\u0000b","copies":1}"#), 400),
  Hostile("an escaped NUL in a key", post(#"{"number\u0000":"a","copies":1}"#), 400),
  Hostile("a raw NUL", bytes: post(bytes: Array("{\"number\":\"a\0b\"}".utf8)), 400),
  Hostile("a half surrogate", post(#"{"number":"\ud800","copies":1}"#), 400),
  Hostile(
    "bad UTF-8", bytes: post(bytes: Array(#"{"number":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)), 400),
  Hostile("overlong UTF-8", bytes: post(bytes: [0x22, 0xC0, 0x80, 0x22]), 400),
  Hostile("a byte order mark", post("\u{FEFF}{}"), 400),
  Hostile("deep arrays", post(String(repeating: "[", count: 100_000)), 400),
  Hostile("deep objects", post(String(repeating: #"{"a":"#, count: 100_000)), 400),
  Hostile("cut off", post(#"{"number":"A","cop"#), 400),
  Hostile("two documents", post("{}{}"), 400),
  Hostile("a comment", post("/* */{}"), 400),
  Hostile("an empty body", post(""), 400),
  Hostile("only spaces", post("   "), 400),
  Hostile("a form", post("number=A", "Content-Type: application/x-www-form-urlencoded\r\n"), 415),
  Hostile("another charset", post("{}", "Content-Type: application/json; charset=utf-16\r\n"), 415),
  Hostile("a garbled type", post("{}", "Content-Type: ;;;\r\n"), 415),
  Hostile("no type", post("{}", ""), 415),
  Hostile("a body above the limit", post(String(repeating: "x", count: (1 << 20) + 1)), 413),
]

private let targets: [Hostile] = [
  Hostile("a cut-off escape", get("/things/%4"), 400),
  Hostile("no escape", get("/things/%zz"), 400),
  Hostile("an escaped NUL", get("/things/%00"), 400),
  Hostile("escaped bad UTF-8", get("/names/%C3%28/parts/x"), 400),
  Hostile("an escaped surrogate", get("/names/%ED%A0%80/parts/x"), 400),
  Hostile("a cut-off escape in the query", get("/things?colour=%"), 400),
  Hostile("an escaped NUL in the query", get("/things?colour=%00"), 400),
  Hostile("escaped bad UTF-8 in the query", get("/things?colour=%FF"), 400),
  Hostile("bad UTF-8 in a query's name", get("/things?%FF=1"), 400),
  Hostile("an unknown parameter", get("/things?a=1"), 400),
  Hostile("a repeated parameter", get("/things?limit=1&limit=1"), 400),
  Hostile("a forged cursor", get("/things?cursor=AAAA"), 400),
  Hostile("a huge limit", get("/things?limit=99999999999999999999999"), 400),
  Hostile("raw non-ASCII", get("/things/é"), 400),
  Hostile("a raw NUL", bytes: Array("GET /healthz\0x HTTP/1.1\r\nHost: t\r\n\r\n".utf8), 400),
  Hostile("a raw control character", get("/things/\u{1}"), 400),
  Hostile("a fragment", get("/healthz#x"), 400),
  Hostile("a space", get("/heal thz")),
  Hostile("dots", get("/things/../healthz"), 404),
  Hostile("encoded dots", get("/things/%2e%2e/healthz"), 404),
  Hostile("another scheme", get("ftp://t/healthz"), 400),
  Hostile("authority form", get("t:80"), 400),
  Hostile("an asterisk", get("*"), 400),
  Hostile("absolute form without path", get("http://t?x=/healthz"), 400),
  Hostile("no slash", get("healthz"), 400),
  Hostile("an escaped line break", get("/things/%0d%0aX:%20y"), 400),
  Hostile("a long path", get("/" + String(repeating: "a", count: 100_000)), 414),
]

private let frames: [Hostile] = [
  Hostile("a wrong method", "PATCH /things HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}", 405),
  Hostile("TRACE", "TRACE /healthz HTTP/1.1\r\nHost: t\r\n\r\n", 405),
  Hostile("CONNECT", "CONNECT t:80 HTTP/1.1\r\nHost: t\r\n\r\n", 400),
  Hostile("a lower-case method", "get /healthz HTTP/1.1\r\nHost: t\r\n\r\n", 405),
  Hostile("a method that is no token", "G(T /healthz HTTP/1.1\r\nHost: t\r\n\r\n", 400),
  Hostile("no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400),
  Hostile("two Hosts", get("/healthz", "Host: u\r\n"), 400),
  Hostile("HTTP/2.0", "GET /healthz HTTP/2.0\r\nHost: t\r\n\r\n", 505),
  Hostile("HTTP/0.9", "GET /healthz HTTP/0.9\r\nHost: t\r\n\r\n", 505),
  Hostile("no version", "GET /healthz\r\nHost: t\r\n\r\n", 400),
  Hostile("a garbled version", "GET /healthz HTTQ/1.1\r\nHost: t\r\n\r\n", 400),
  Hostile("no line at all", "\u{1}\u{2}\u{3}\r\n\r\n"),
  Hostile(
    "a TLS hello", bytes: [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x0D, 0x0A, 0x0D, 0x0A]),
  Hostile("a field without colon", get("/healthz", "nonsense\r\n"), 400),
  Hostile("a space before the colon", get("/healthz", "X-A : b\r\n"), 400),
  Hostile("a field name that is no token", get("/healthz", "X(A: b\r\n"), 400),
  Hostile("a bare line feed", "GET /healthz HTTP/1.1\r\nHost: t\nX-A: b\r\n\r\n", 400),
  Hostile("a bare carriage return", get("/healthz", "X-A: b\rX-B: c\r\n"), 400),
  Hostile("a folded field", get("/healthz", "X-A: b\r\n c\r\n"), 400),
  Hostile("a NUL in a field", get("/healthz", "X-A: b\0c\r\n"), 400),
  Hostile("a NUL at a field's end", get("/healthz", "X-A: b\0\r\n"), 400),
  Hostile("a NUL in a name", get("/healthz", "X\0A: b\r\n"), 400),
  Hostile("a huge field", get("/healthz", "X-A: \(String(repeating: "a", count: 100_000))\r\n"), 431),
  Hostile("very many fields", get("/healthz", String(repeating: "X-A: b\r\n", count: 5_000)), 431),
  Hostile("a negative length", framed("Content-Length: -1\r\n"), 400),
  Hostile("a length that is no number", framed("Content-Length: 2x\r\n", "{}"), 400),
  Hostile("a length with a plus", framed("Content-Length: +2\r\n", "{}"), 400),
  Hostile("a length in hexadecimal", framed("Content-Length: 0x2\r\n", "{}"), 400),
  Hostile("a length beyond 64 bits", framed("Content-Length: 99999999999999999999\r\n"), 413),
  Hostile("a length of exabytes", framed("Content-Length: 9223372036854775807\r\n"), 413),
  Hostile("two lengths", framed("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400),
  Hostile("two different lengths", framed("Content-Length: 2\r\nContent-Length: 30\r\n", "{}"), 400),
  Hostile("a list of lengths", framed("Content-Length: 2, 2\r\n", "{}"), 400),
  Hostile(
    "length and chunked", framed("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
  Hostile("another coding", framed("Transfer-Encoding: gzip\r\n", "{}"), 400),
  Hostile("two codings", framed("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400),
  Hostile(
    "coding twice", framed("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
  Hostile("chunked garbage", framed("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"), 400),
  Hostile("a negative chunk", framed("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"), 400),
  Hostile("a chunk without end", framed("Transfer-Encoding: chunked\r\n", "2\r\n{}xx0\r\n\r\n"), 400),
  Hostile(
    "a chunk of exabytes", framed("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"), 413),
  Hostile(
    "chunks above the limit",
    framed(
      "Transfer-Encoding: chunked\r\n", String(repeating: "10000\r\n\(block)\r\n", count: 17) + "0\r\n\r\n"),
    413),
  Hostile(
    "chunks without end",
    framed("Transfer-Encoding: chunked\r\n", String(repeating: "10000\r\n\(block)\r\n", count: 60)), 413),
  Hostile("half a request line", "GET /hea"),
  Hostile("half a header", "GET /healthz HTTP/1.1\r\nHost: t\r\nX-", 408),
  Hostile("half a body", framed("Content-Length: 20\r\n", "{"), 408),
  Hostile("half a chunk", framed("Transfer-Encoding: chunked\r\n", "5\r\n{"), 408),
  Hostile("a good request, then garbage", get("/things/x") + "\u{1}\u{2}\r\n\r\n", 400),
]

private let block = String(repeating: "x", count: 0x10000)

@Suite struct HostileTests {
  @Test(arguments: bodies + targets + frames)
  func `a hostile request gets its 4xx and harms nobody`(hostile: Hostile) async throws {
    let configuration = quick { $0.receiveTimeout = .milliseconds(hostile.isSlow ? 200 : 5_000) }
    try await withServer(configuration) { server in
      let port = server.port
      let answer = try await offPool {
        let wire = try Wire(port: port)
        wire.send(hostile.bytes)
        return try wire.receive()
      }
      #expect(answer?.status == hostile.status)
      #expect(try await exchange(server, "GET", "/healthz")?.status == 200)
    }
  }

  @Test func `the table has at least sixty rows`() { #expect((bodies + targets + frames).count >= 60) }
}
