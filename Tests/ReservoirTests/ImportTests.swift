import Domain
import Foundation
import JSON
import TestSupport
import Testing

@testable import reservoir

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `Imports` {
  let scratch = Scratch()

  func file(_ name: String, _ text: String) throws -> String {
    let path = scratch.path + "/" + name
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  static let csv = #"""
    vapi_phone_number_id,number,name,assigned_broker_company,territories,notes
    pn-1,+14244851544,One,Ada,Los Angeles; California,"first, with a ""quote"""
    pn-2,+14244851545,Two,Ada,,
    """#

  @Test func `of CSV come in whole, and again change nothing`() async throws {
    try await done("clients", "create", "Ada")
    let path = try file("pool.csv", Self.csv)
    let first = try await document("numbers", "import", path)
    #expect(first["inserted"]?.int == 2)
    #expect(first["dry_run"]?.bool == false)
    #expect(
      try await value("SELECT notes FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'pn-1'")
        == "first, with a \"quote\"")
    #expect(
      try await value("SELECT territories FROM signalwire_phone_numbers WHERE vapi_phone_number_id = 'pn-1'")
        == "{\"Los Angeles\",California}")
    let second = try await document("numbers", "import", path)
    #expect(second["unchanged"]?.int == 2)
    let renamed = try file("new.csv", Self.csv.replacing("Two", with: "Deux"))
    #expect(try await done("numbers", "import", renamed) == "0 new, 1 updated, 1 unchanged")
  }

  @Test func `of JSON come in as an array, as an object, and from a pipe`() async throws {
    try await done("clients", "create", "Ada")
    let one =
      #"{"vapi_phone_number_id": "a", "number": "+14244851544", "name": "A"}"#
    #expect(try await document("numbers", "import", try file("a.json", "[\(one)]"))["inserted"]?.int == 1)
    let whole = try file("b.json", "{\"numbers\": [\(one)]}")
    #expect(try await document("numbers", "import", whole)["unchanged"]?.int == 1)
    let piped = try await reservoir(
      ["numbers", "import", "-", "--json", "--database-url", TestDatabase.conninfo], input: Self.csv)
    // The same number under another id.
    #expect(piped.status == .code(1))
    #expect(piped.text.contains("under another provider id"))
    #expect(try await value("SELECT count(*) FROM signalwire_phone_numbers") == "1")
  }

  @Test func `tell every wrong row and bring in none`() async throws {
    try await done("clients", "create", "Ada")
    let path = try file(
      "pool.csv",
      Self.csv
        + "\n\npn-3,4244851546,Three,Ada,,\npn-4,+14244851547,,Ada,,\npn-5,+14244851548,Five,Eve,,\npn-6,x\n")
    let run = try await onDatabase("numbers", "import", path)
    #expect(run.status == .code(1))
    #expect(run.text.contains("row 5: number: expected a valid number in E.164"))
    #expect(run.text.contains("row 6: name: missing"))
    #expect(run.text.contains("row 8: record: expected 6 fields, found 2"))
    #expect(run.text.contains("3 mistakes found; nothing was imported"))
    #expect(!run.text.contains("4244851546"))
    #expect(try await value("SELECT count(*) FROM signalwire_phone_numbers") == "0")
  }

  @Test func `need a company to exist, or leave to make it`() async throws {
    let path = try file("pool.csv", Self.csv)
    let refused = try await onDatabase("numbers", "import", path)
    #expect(refused.status == .code(1))
    #expect(refused.text.contains("row 2: assigned_broker_company: there is no such company"))
    #expect(try await value("SELECT count(*) FROM clients") == "0")
    let rehearsed = try await document("numbers", "import", path, "--create-clients", "--dry-run")
    #expect(rehearsed["inserted"]?.int == 2)
    #expect(rehearsed["clients_created"]?.int == 1)
    #expect(try await value("SELECT count(*) FROM clients") == "0")
    #expect(try await document("numbers", "import", path, "--create-clients")["clients_created"]?.int == 1)
    #expect(try await value("SELECT count(*) FROM signalwire_phone_numbers") == "2")
  }

  @Test func `never take a leased number from its lead`() async throws {
    try await makePool("Ada", numbers: 1)
    try await done("clients", "create", "Eve")
    let lead = try await done("leads", "create")
    try await done("numbers", "lease", "--client", "Ada", "--lead", lead)
    let path = try file(
      "move.json",
      #"""
      [{"vapi_phone_number_id": "pn-0", "number": "+14244851540", "name": "N0",
        "assigned_broker_company": "Eve"}]
      """#
    )
    let run = try await onDatabase("numbers", "import", path)
    #expect(run.status == .code(1))
    #expect(run.text.contains("row 1: assigned_broker_company: the number is leased"))
    #expect(try await document("numbers", "list", "--client", "Ada").array?.count == 1)
  }

  @Test(arguments: [
    ("a.csv", "", "the file is empty"), ("a.csv", "number,name\n", "vapi_phone_number_id is missing"),
    ("a.csv", "nmber,name\n", "did you mean 'number'?"), ("a.csv", "name,name\n", "stands there twice"),
    ("a.csv", "vapi_phone_number_id,number,name\n", "the file has no numbers"),
    ("a.csv", "vapi_phone_number_id,number,name\n\"a,b\n", "line 2: a double quote"),
    ("a.json", "[{]", "this is not JSON"), ("a.json", "[]", "the file has no numbers"),
    ("a.json", "{\"nmbers\": []}", "numbers: required"),
    ("a.json", "[7]", "row 1: record: expected an object"),
    ("a.json", "[{\"name\": 7}]", "row 1: name: expected a string"),
    ("a.json", "[{\"nam\": \"x\"}]", "row 1: nam: unknown field"), ("a.json", "7", "expected an object"),
  ])
  func `of a broken file say what is wrong`(name: String, text: String, message: String) async throws {
    let run = try await onDatabase("numbers", "import", try file(name, text))
    #expect(run.status == .code(1), "\(run)")
    #expect(run.text.contains(message), "\(run)")
  }

  @Test func `of a file that is not there fail`() async throws {
    let run = try await onDatabase("numbers", "import", scratch.path + "/none.csv")
    #expect(run.status == .code(1))
    #expect(run.text.contains("there is no file"))
  }

  @Test func `take a hundred thousand rows`() async throws {
    var csv = "vapi_phone_number_id,number,name,assigned_broker_company\n"
    for index in 0..<100_000 { csv += "pn-\(index),+1424\(2_000_000 + index),N \(index),Big\n" }
    let run = try await onDatabase("numbers", "import", try file("big.csv", csv), "--create-clients")
    #expect(run.status == .code(0), "\(run.text.prefix(500))")
    #expect(run.text.contains("100,000 new"), "\(run.text.prefix(500))")
  }
}

@Suite struct `CSV` {
  func read(_ text: String) throws -> [CSVReader.Record] { try CSVReader.records(Array(text.utf8)) }

  @Test func `keeps commas, quotes and line breaks of quoted fields, and counts lines`() throws {
    let records = try read("a,b\r\n\r\n\"x\ny\",\"say \"\"no\"\"\"\n\nlast,\"c,d\"")
    #expect(
      records == [
        .init(line: 1, fields: ["a", "b"]), .init(line: 3, fields: ["x\ny", "say \"no\""]),
        .init(line: 6, fields: ["last", "c,d"]),
      ])
  }

  @Test func `may begin with a mark of its byte order and be empty`() throws {
    #expect(try read("\u{FEFF}a\n") == [.init(line: 1, fields: ["a"])])
    #expect(try read("") == [])
    #expect(try read("\n\n") == [])
  }

  @Test(arguments: ["a\n\"b", "a\n\"b\"c,d\n"])
  func `with a stray quote names its line`(text: String) {
    #expect { try read(text) } throws: { ($0 as? CSVReader.Malformed)?.line == 2 }
  }
}
