import HTTP
import JSON
import Testing

/// Where the same suite runs: on the router alone, and over a socket.
enum Venue: String, CaseIterable {
  case router, socket

  func answer(
    _ method: String, _ target: String, _ headers: [String], _ body: String, _ observer: any RequestObserver
  ) async throws -> Answer {
    switch self {
    case .router:
      let fields = headers.map { line in
        let colon = line.firstIndex(of: ":") ?? line.endIndex
        return (name: String(line[..<colon]), value: String(line[colon...].dropFirst(2)))
      }
      let response = await Router(sampleRoutes(), observer: observer).respond(
        method, target, headers: fields, body: Array(body.utf8))
      var found: [String: String] = [:]
      for field in response.headers { found[field.name.lowercased()] = field.value }
      found["content-type"] = response.contentType
      return Answer(status: response.status.rawValue, headers: found, body: response.body)
    case .socket:
      var answer: Answer?
      try await withServer(quick(), sampleRoutes(), observer) { server in
        answer = try await exchange(server, method, target, headers: headers, body: body)
      }
      return try #require(answer)
    }
  }
}

struct Case: Sendable, CustomTestStringConvertible {
  var name: String
  var method = "GET"
  var target: String
  var headers: [String] = []
  var body = ""
  var status: Int
  var contains = ""
  var header: [String: String] = [:]
  var testDescription: String { name }
}

private let json = ["Content-Type: application/json"]

private let cases: [Case] = [
  Case(name: "a text", target: "/healthz", status: 200, contains: "ok"),
  Case(name: "a path parameter", target: "/things/7", status: 200, contains: #"{"id":7}"#),
  Case(name: "an encoded literal", target: "/%74hings/7", status: 200, contains: #"{"id":7}"#),
  Case(
    name: "an encoded slash stays in its segment", target: "/names/a%2Fb/parts/%C3%A9", status: 200,
    contains: #"["a/b","é"]"#),
  Case(name: "absolute form", target: "http://test/things/7", status: 200, contains: #"{"id":7}"#),
  Case(
    name: "a wrong path parameter", target: "/things/x", status: 400,
    contains: #""errors":[{"detail":"expected a whole number from 0 to 1000000","parameter":"id"}]"#),
  Case(name: "no such path", target: "/nothing", status: 404, contains: "urn:problem:not-found"),
  Case(name: "a trailing slash", target: "/things/", status: 404),
  Case(name: "a doubled slash", target: "//things", status: 404),
  Case(name: "the root", target: "/", status: 404),
  Case(
    name: "a wrong method", method: "PUT", target: "/things/7", status: 405,
    header: ["allow": "GET, HEAD, DELETE, OPTIONS"]),
  Case(
    name: "a method nobody knows", method: "BREW", target: "/things", status: 405,
    header: ["allow": "GET, HEAD, POST, OPTIONS"]),
  Case(
    name: "OPTIONS", method: "OPTIONS", target: "/things", status: 204,
    header: ["allow": "GET, HEAD, POST, OPTIONS"]),
  Case(name: "DELETE", method: "DELETE", target: "/things/7", status: 204),
  Case(
    name: "a body", method: "POST", target: "/things", headers: json + ["X-Key: k"],
    body: #"{"number":"A","copies":1}"#, status: 201, contains: #"{"number":"A","copies":1,"key":"k"}"#,
    header: ["location": "/things/1"]),
  Case(
    name: "a charset that is UTF-8", method: "POST", target: "/things",
    headers: ["content-type: Application/JSON ; charset=UTF-8"], body: #"{"number":"A","copies":1}"#,
    status: 201),
  Case(
    name: "a body with faults", method: "POST", target: "/things", headers: json,
    body: #"{"number":5,"x":1}"#, status: 422,
    contains: #"{"detail":"required","pointer":"/copies"},{"detail":"unknown field","pointer":"/x"}"#),
  Case(
    name: "a body that is not JSON", method: "POST", target: "/things", headers: json, body: "{\n!",
    status: 400,
    contains: #""detail":"invalid syntax at line 2, column 1""#),
  Case(name: "no body", method: "POST", target: "/things", status: 400, contains: "the document is empty"),
  Case(
    name: "a body without type", method: "POST", target: "/things", body: "{}", status: 415,
    contains: "expected application/json"),
  Case(
    name: "a type of its own", method: "POST", target: "/files", headers: ["Content-Type: text/csv"],
    body: "a,b", status: 200, contains: "3"),
  Case(
    name: "JSON where CSV is wanted", method: "POST", target: "/files", headers: json, body: "{}", status: 415
  ),
  Case(
    name: "a limit of the route", method: "POST", target: "/files", headers: ["Content-Type: text/csv"],
    body: String(repeating: "x", count: 101), status: 413, contains: #""limit_bytes":100"#),
  Case(name: "no body where none is expected", method: "POST", target: "/action", status: 204),
  Case(
    name: "a body where none is expected", method: "POST", target: "/action", headers: json, body: "{}",
    status: 415),
  Case(name: "a page", target: "/things?limit=2", status: 200, contains: #"{"data":[1,2],"next_cursor":""#),
  Case(
    name: "an unknown parameter", target: "/things?size=2", status: 400,
    contains: #"{"detail":"unknown parameter","parameter":"size"}"#),
  Case(name: "a parameter where none is known", target: "/healthz?x=1", status: 400),
  Case(
    name: "a repeated parameter", target: "/things?limit=2&limit=2", status: 400,
    contains: #"{"detail":"given more than once","parameter":"limit"}"#),
  Case(
    name: "two wrong parameters", target: "/things?limit=0&colour=", status: 400,
    contains: #"{"detail":"expected a string of 1 to 10 characters","parameter":"colour"},{"detail""#),
  Case(name: "an error of the handler", target: "/broken", status: 500, contains: "urn:problem:internal"),
  Case(
    name: "a problem of the handler", target: "/conflict", status: 409, contains: #""free_at":null"#,
    header: ["retry-after": "2"]),
]

@Suite struct ContractSuite {
  @Test(arguments: Venue.allCases, cases)
  func `router and server answer alike`(venue: Venue, sample: Case) async throws {
    let answer = try await venue.answer(
      sample.method, sample.target, sample.headers, sample.body, SilentObserver())
    #expect(answer.status == sample.status)
    #expect(sample.contains.isEmpty || answer.text.contains(sample.contains), "\(answer.text)")
    for (name, value) in sample.header { #expect(answer.headers[name] == value) }
    if sample.status >= 400 {
      #expect(answer.isProblem)
      #expect(answer.json?["status"]?.int == sample.status)
      #expect(answer.json?["instance"]?.string == "urn:request:" + (answer.headers["x-request-id"] ?? ""))
    }
  }

  @Test(arguments: Venue.allCases)
  func `a client's request id is echoed when it is sound`(venue: Venue) async throws {
    for (given, echoed) in [("abc-1", true), (String(repeating: "x", count: 65), false), ("a b", false)] {
      let answer = try await venue.answer("GET", "/healthz", ["X-Request-Id: \(given)"], "", SilentObserver())
      #expect((answer.headers["x-request-id"] == given) == echoed)
      #expect(answer.headers["x-request-id"]?.isEmpty == false)
    }
  }

  @Test(arguments: Venue.allCases)
  func `the client learns only the id of an unexpected error, the observer learns it all`(
    venue: Venue
  ) async throws {
    let notebook = Notebook()
    let answer = try await venue.answer("GET", "/broken", ["X-Request-Id: id-7"], "", notebook)
    #expect(answer.json?["instance"] == "urn:request:id-7")
    #expect(!answer.text.contains("Broken"))
    #expect(notebook.failed == ["id-7 /broken Broken()"])
  }
}
