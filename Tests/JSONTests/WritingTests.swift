import JSON
import Testing

private func text(pretty: Bool = false, _ body: (inout JSONWriter) -> Void) -> String {
  String(decoding: JSON.write(pretty: pretty, body), as: UTF8.self)
}

@Suite struct WritingTests {
  @Test func `an object with every kind of field`() {
    let written = text { writer in
      writer.object { object in
        object.field("id", "a")
        object.field("count", 3)
        object.field("ratio", 0.25)
        object.field("on", true)
        object.field("gone", Int?.none)
        object.array("items") { items in
          items.value(1)
          items.object { $0.field("x", ["y", "z"]) }
          items.array { _ in }
        }
        object.object("empty") { _ in }
        object.field(named: "a\"b", "c")
      }
    }
    #expect(
      written
        == #"{"id":"a","count":3,"ratio":0.25,"on":true,"gone":null,"items":[1,{"x":["y","z"]},[]],"#
        + #""empty":{},"a\"b":"c"}"#)
  }

  @Test func `what must be escaped is escaped, and nothing else`() {
    #expect(
      text { $0.string("a\"\\/\u{08}\u{0C}\n\r\t\u{01}\u{1F}\u{7F}é😀\u{2028}") }
        == "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7F}é😀\u{2028}\"")
  }

  @Test(arguments: [
    (0, "0"), (-1, "-1"), (Int.max, "9223372036854775807"), (Int.min, "-9223372036854775808"), (100, "100"),
  ])
  func `whole numbers`(value: Int, written: String) {
    #expect(text { $0.int(value) } == written)
  }

  @Test(arguments: [
    (0.1, "0.1"), (1.0, "1"), (-0.0, "-0.0"), (1e300, "1e+300"), (.infinity, "null"), (.nan, "null"),
  ])
  func `other numbers`(value: Double, written: String) {
    #expect(text { $0.double(value) } == written)
  }

  @Test func `pretty printing indents by two`() {
    let value: JSONValue = ["a": [1, 2], "b": ["c": nil], "d": [], "e": [:]]
    #expect(
      value.text(pretty: true) == """
        {
          "a": [
            1,
            2
          ],
          "b": {
            "c": null
          },
          "d": [],
          "e": {}
        }
        """)
  }

  @Test func `a value survives writing and reading`() throws {
    let value: JSONValue = [
      "text": "a\"\\\n\u{1}é😀", "numbers": [0, -5, 1.5, 1e-7, 9_007_199_254_740_993], "no": nil, "yes": true,
      "nested": [["x": [:]], []],
    ]
    #expect(try JSONValue(parsing: value.bytes()) == value)
    #expect(try JSONValue(parsing: value.bytes(pretty: true)) == value)
  }

  @Test func `an object keeps its order, and equality ignores it`() throws {
    let value = try JSONValue(parsing: #"{"b":1,"a":2}"#)
    #expect(value.text() == #"{"b":1,"a":2}"#)
    #expect(value == ["a": 2, "b": 1])
    #expect(value["a"]?.int == 2)
    #expect(value["c"] == nil)
  }
}
