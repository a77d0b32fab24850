import JSON
import Testing

private enum Colour: String, CaseIterable { case red, green }

private struct Order: Equatable {
  var number: String
  var copies: Int
  var colour: Colour?
}

extension JSONShape where Value == Order {
  fileprivate static var order: JSONShape {
    .object { object in
      let number = object.required("number", .string(1...5))
      let copies = object.required("copies", .int(1...9))
      let colour = object.optional("colour", .oneOf as JSONShape<Colour>)
      return try Order(number: number(), copies: copies(), colour: colour())
    }
  }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func issues<Value>(_ text: String, _ shape: JSONShape<Value>) -> [String] {
  do {
    _ = try JSON.read(bytes(text), shape)
    return []
  } catch let error as JSONIssues {
    return error.issues.map(\.description)
  } catch {
    return ["\(error)"]
  }
}

@Suite struct ReadingTests {
  @Test func `a good document becomes a value`() throws {
    let order = try JSON.read(bytes(#"{"number":"A-1","copies":2,"colour":"red"}"#), .order)
    #expect(order == Order(number: "A-1", copies: 2, colour: .red))
  }

  @Test func `all issues of a document are reported together, each with its pointer`() {
    let text = #"{"number":"","copies":10,"colour":"blue","a/b~c":1}"#
    #expect(
      issues(text, .order) == [
        "/number: expected a string of 1 to 5 characters",
        "/copies: expected a whole number from 1 to 9",
        "/colour: expected one of red, green",
        "/a~1b~0c: unknown field",
      ])
  }

  @Test func `every element of an array is read, and issues name its index`() {
    let text = #"[{"number":"A","copies":1},{"number":5,"copies":1},{"copies":"x"}]"#
    #expect(
      issues(text, .array(of: .order)) == [
        "/1/number: expected a string of 1 to 5 characters",
        "/2/number: required",
        "/2/copies: expected a whole number from 1 to 9",
      ])
  }

  @Test(arguments: [
    (#"[]"#, ": expected an object"), (#"null"#, ": expected an object"), (#""x""#, ": expected an object"),
    (#"{"number":"A","copies":null}"#, "/copies: expected a whole number from 1 to 9"),
    (#"{"number":"A","copies":1.5}"#, "/copies: expected a whole number from 1 to 9"),
    (#"{"number":"A","copies":"1"}"#, "/copies: expected a whole number from 1 to 9"),
    (#"{"number":"A","copies":true}"#, "/copies: expected a whole number from 1 to 9"),
    (#"{"number":"A","copies":1,"colour":null}"#, "/colour: expected one of red, green"),
  ])
  func `a wrong type is an issue`(text: String, issue: String) {
    #expect(issues(text, .order) == [issue])
  }

  @Test func `absent and null are told apart`() throws {
    func read(_ text: String) throws -> [String] {
      try JSON.readObject(bytes(text)) { object in
        let nullable = object.nullable("n", .int())
        let change = object.change("c", .int())
        let fallback = object.optional("d", .int(), default: 7)
        return try ["\(nullable() as Int?)", "\(change())", "\(fallback())"]
      }
    }
    #expect(try read("{}") == ["nil", "keep", "7"])
    #expect(try read(#"{"n":null,"c":null,"d":8}"#) == ["nil", "clear", "8"])
    #expect(try read(#"{"n":1,"c":2}"#) == ["Optional(1)", "set(2)", "7"])
    #expect(throws: JSONIssues.self) { try read(#"{"d":null}"#) }
  }

  @Test func `1.0 is a whole number and 1e30 is none`() throws {
    #expect(try JSON.read(bytes("1.0"), .int()) == 1)
    #expect(issues("1e30", .int()).count == 1)
    #expect(try JSON.read(bytes("-9223372036854775808"), .int()) == Int.min)
  }

  @Test func `length is counted in characters, not bytes`() throws {
    #expect(try JSON.read(bytes("\"ééé\""), .string(3...3)) == "ééé")
    #expect(issues("\"éééé\"", .string(1...3)) == [": expected a string of 1 to 3 characters"])
    #expect(issues("\"é\"", .string(2...3)) == [": expected a string of 2 to 3 characters"])
  }

  @Test func `a field known but not read is no issue`() {
    let shape: JSONShape<Int> = .object { object in
      object.knows("later")
      return try object.required("kind", .int(1...1))()
    }
    #expect(issues(#"{"kind":2,"later":1}"#, shape) == ["/kind: expected a whole number from 1 to 1"])
    #expect(issues(#"{"kind":1,"later":1}"#, shape) == [])
    #expect(issues(#"{"kind":1,"never":1}"#, shape) == ["/never: unknown field"])
  }

  @Test func `a rule between fields is an issue of its own`() {
    let shape: JSONShape<Int> = .object { object in
      let from = try object.required("from", .int())()
      let to = try object.required("to", .int())()
      if to < from { object.refuse("to", "must not be less than from") }
      return to - from
    }
    #expect(issues(#"{"from":2,"to":1}"#, shape) == ["/to: must not be less than from"])
  }

  @Test func `issues are bounded and the rest is counted`() throws {
    let text = "[" + Array(repeating: "\"x\"", count: 50).joined(separator: ",") + "]"
    let error = #expect(throws: JSONIssues.self) { try JSON.read(bytes(text), .array(of: .int())) }
    #expect(error?.issues.count == 20)
    #expect(error?.omitted == 30)
  }

  @Test func `counts of arrays and dictionaries are checked`() throws {
    #expect(issues("[1,2,3]", .array(of: .int(), 0...2)) == [": expected an array of at most 2 elements"])
    #expect(issues("[]", .array(of: .int(), 1...2)) == [": expected an array of 1 to 2 elements"])
    #expect(issues(#"{"a":1,"b":"x"}"#, .dictionary(of: .int())) == ["/b: expected a whole number"])
    #expect(try JSON.read(bytes(#"{"a":1}"#), .dictionary(of: .int())) == ["a": 1])
  }

  @Test func `shapes compose`() throws {
    let even = JSONShape<Int>.int().map("an even number") { $0.isMultiple(of: 2) ? $0 / 2 : nil }
    #expect(try JSON.read(bytes("[4,null]"), .array(of: even.nullable)) == [2, nil])
    #expect(issues("[3]", .array(of: even)) == ["/0: expected an even number"])
  }
}
