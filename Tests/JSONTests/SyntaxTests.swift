import JSON
import Testing

@Suite struct SyntaxTests {
  @Test(
    arguments: [
      ("", .empty, 1, 1),
      ("{\"a\":1", .truncated, 1, 6),
      ("{\"a\":1} x", .trailing, 1, 9),
      ("{a:1}", .syntax, 1, 2),
      ("{\n\n  \"a\": tru}", .syntax, 3, 10),
      ("{\"a\":1,\"a\":2}", .duplicateKey, 1, 10),
      ("\"a\\u0000b\"", .nul, 1, 10),
      ("{\"a\\u0000\":1}", .nul, 1, 10),
      ("[9223372036854775808]", .numberRange, 1, 20),
      ("[-9223372036854775809]", .numberRange, 1, 21),
      ("[1e999]", .numberRange, 1, 6),
      ("[01]", .syntax, 1, 2), ("[+1]", .syntax, 1, 2), ("[1.]", .syntax, 1, 3), ("[.5]", .syntax, 1, 2),
      ("[NaN]", .syntax, 1, 4), ("['a']", .syntax, 1, 2), ("[1,]", .syntax, 1, 4),
      ("[\"\t\"]", .syntax, 1, 2), ("\"\\x\"", .syntax, 1, 3), ("\"\\ud800\"", .syntax, 1, 8),
      ("\u{FEFF}{}", .syntax, 1, 1), ("// no\n{}", .syntax, 1, 1),
    ] as [(String, JSONSyntaxError.Reason, Int, Int)])
  func `a text that is not JSON is refused with its place`(
    text: String, reason: JSONSyntaxError.Reason, line: Int, column: Int
  ) {
    #expect(throws: JSONSyntaxError(reason, line: line, column: column)) { try JSONValue(parsing: text) }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
      [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    #expect { try JSONValue(parsing: bytes) } throws: { ($0 as? JSONSyntaxError)?.reason == .encoding }
  }

  @Test func `a raw NUL is refused`() {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0x61, 0x00, 0x22]) }
  }

  @Test func `nesting is bounded wherever it stands`() throws {
    let limits = JSONLimits(depth: 3)
    _ = try JSONValue(parsing: "[[[1]]]", limits: limits)
    _ = try JSONValue(parsing: "[\"[[[[\\\"[[[\"]", limits: limits)
    #expect(throws: JSONSyntaxError(.depth, line: 2, column: 3)) {
      try JSONValue(parsing: "[[\né[[1]]]]", limits: limits)
    }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect { try JSONValue(parsing: deep) } throws: { ($0 as? JSONSyntaxError)?.reason == .depth }
  }

  @Test func `an error's description does not quote the text`() {
    let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: "{\"phone\": +15550100}") }
    #expect(error?.description == "invalid syntax at line 1, column 11")
  }
}
