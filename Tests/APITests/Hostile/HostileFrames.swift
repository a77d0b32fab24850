import TestSupport

extension HostileGround {
  /// A request of which only the fields are written here.
  private func framed(_ fields: String, _ body: String = "") -> String {
    request("POST", "/v1/leases", fields: "Content-Type: application/json\r\n\(fields)") + body
  }

  private func chunked(_ body: String) -> String { framed("Transfer-Encoding: chunked\r\n", body) }

  /// Lengths, chunks and fields.
  var frames: [Hostile] {
    let block = String(repeating: "x", count: 0x10000)
    return [
      Hostile("no Host", "GET /healthz HTTP/1.1\r\n\r\n", .bare(400)),
      Hostile("two Hosts", request("GET", "/healthz", fields: "Host: other\r\n"), .problem(400)),
      Hostile("HTTP/2.0", "GET /healthz HTTP/2.0\r\nHost: t\r\n\r\n", .bare(505)),
      Hostile("no version", "GET /healthz\r\nHost: t\r\n\r\n", .bare(400)),
      Hostile("a space before the colon", request("GET", "/healthz", fields: "X-A : b\r\n"), .bare(400)),
      Hostile("a folded field", request("GET", "/healthz", fields: "X-A: b\r\n c\r\n"), .bare(400)),
      Hostile("a NUL in a field", request("GET", "/healthz", fields: "X-A: b\0c\r\n"), .bare(400)),
      Hostile("a huge field", request("GET", "/healthz", fields: "X-A: \(block)\r\n"), .bare(431)),
      Hostile(
        "very many fields", request("GET", "/healthz", fields: String(repeating: "X-A: b\r\n", count: 5_000)),
        .bare(431)),
      Hostile("a negative length", framed("Content-Length: -1\r\n"), .bare(400)),
      Hostile("a length in letters", framed("Content-Length: two\r\n", "{}"), .bare(400)),
      Hostile("a length with a plus", framed("Content-Length: +2\r\n", "{}"), .bare(400)),
      Hostile("a length beyond 64 bits", framed("Content-Length: 99999999999999999999\r\n"), .bare(413)),
      Hostile("a length of exabytes", framed("Content-Length: 9223372036854775807\r\n"), .problem(413)),
      Hostile("two lengths", framed("Content-Length: 2\r\nContent-Length: 30\r\n", "{}"), .problem(400)),
      Hostile("a list of lengths", framed("Content-Length: 2, 2\r\n", "{}"), .bare(400)),
      Hostile("a length that is too short", framed("Content-Length: 1\r\n", "{}"), .problem(400)),
      Hostile(
        "a length and chunks", framed("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        .problem(400)),
      Hostile("another coding", framed("Transfer-Encoding: gzip\r\n", "{}"), .problem(400)),
      Hostile("chunked garbage", chunked("zz\r\n{}\r\n0\r\n\r\n"), .bare(400)),
      Hostile("a negative chunk", chunked("-2\r\n{}\r\n0\r\n\r\n"), .bare(400)),
      Hostile("a chunk without end", chunked("2\r\n{}xx0\r\n\r\n"), .bare(400)),
      Hostile("a chunk of exabytes", chunked("fffffffffffffffff\r\n"), .bare(413)),
      Hostile(
        "chunks without end", chunked(String(repeating: "10000\r\n\(block)\r\n", count: 60)), .problem(413)),
      Hostile("no line at all", "\u{1}\u{2}\u{3}\r\n\r\n", .closed),
      Hostile(
        "a TLS hello", [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x0D, 0x0A, 0x0D, 0x0A], .closed
      ),
    ]
  }

  /// Requests that never end, or end too early.
  var slow: [Hostile] {
    let whole = lease(wish(#""customer_phone":"415-555-0123""#))
    return [
      Hostile("half a line", "GET /v1/lea", .closed),
      Hostile("half a header", "GET /v1/leases HTTP/1.1\r\nHost: t\r\nX-", .problem(408)),
      Hostile("half a body", framed("Content-Length: 20\r\n", "{"), .problem(408)),
      Hostile("half a chunk", chunked("5\r\n{"), .problem(408)),
      Hostile("a byte now and then", whole, .problem(408)).trickling(by: 1, every: .milliseconds(100)),
      Hostile("a body that ends early", String(whole.dropLast(9)), .closed).endingEarly(),
      Hostile("a header that ends early", "GET /v1/leases HTTP/1.1\r\nHost", .closed).endingEarly(),
      Hostile("no byte at all", "", .closed).endingEarly(),
    ]
  }

  var all: [Hostile] { broken + leases + calls + others + targets + callers + frames + slow }
}
