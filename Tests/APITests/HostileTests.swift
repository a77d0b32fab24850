import Domain
import HTTP
import JSON
import Testing
import TestSupport

/// What nobody should send, and what each gets: never a 500, always a place that is wrong.
struct HostileRequest: Sendable, CustomTestStringConvertible {
  let method: String
  let target: String
  let body: String
  let status: Int
  /// Pointers, parameters or headers; nil: none are expected.
  let faults: [String]?

  init(_ method: String, _ target: String, _ body: String = "", _ status: Int, _ faults: [String]? = nil) {
    self.method = method
    self.target = target
    self.body = body
    self.status = status
    self.faults = faults
  }

  var testDescription: String { "\(method) \(target.prefix(60)) \(body.prefix(60))" }

  static let id = "019aa777-0000-7000-8000-000000000000"
  static let lead = #""lead_id":"\#(id)""#
  private static func lease(_ body: String, _ status: Int, _ faults: [String]? = nil) -> HostileRequest {
    HostileRequest("POST", "/v1/leases", body, status, faults)
  }
  private static func row(_ fields: String) -> String {
    let known =
      #""vapi_phone_number_id":"a","number":"+16502530000","name":"n","assigned_broker_company":"A""#
    return #"{"numbers":[{\#(known)\#(fields)}]}"#
  }
  private static let long = String(repeating: "x", count: 5_000)

  static let leases: [HostileRequest] = [
    lease("", 400), lease("{", 400), lease("null", 422, [""]), lease("[]", 422, [""]), lease("7", 422, [""]),
    lease(#""lease""#, 422, [""]), lease("{}", 422, ["/lead_id", "/company"]), lease("{\"a\":1}{}", 400),
    lease(#"{"company":"A","company":"B",\#(lead)}"#, 400), lease(#"{"company":"A\u0000",\#(lead)}"#, 400),
    lease(#"{"company":"\ud800",\#(lead)}"#, 400), lease("{\"company\":\"\u{1}\",\(lead)}", 400),
    lease(String(repeating: "[", count: 3_000), 400), lease(#"{"company":5,\#(lead)}"#, 422, ["/company"]),
    lease(#"{"company":null,\#(lead)}"#, 422, ["/company"]),
    lease(#"{"company":"",\#(lead)}"#, 422, ["/company"]),
    lease(#"{"company":" A",\#(lead)}"#, 422, ["/company"]),
    lease(#"{"company":"\#(long)",\#(lead)}"#, 422, ["/company"]),
    lease(#"{"company":["A"],\#(lead)}"#, 422, ["/company"]),
    lease(#"{"company":"A","client_id":"\#(id)",\#(lead)}"#, 422, ["/client_id"]),
    lease(#"{"client_id":"7",\#(lead)}"#, 422, ["/client_id"]),
    lease(#"{"client_id":7,\#(lead)}"#, 422, ["/client_id"]),
    lease(#"{"company":"A"}"#, 422, ["/lead_id"]),
    lease(#"{"company":"A","lead_id":null}"#, 422, ["/lead_id"]),
    lease(#"{"company":"A","lead_id":"\#(id) "}"#, 422, ["/lead_id"]),
    lease(#"{"company":"A","lead_id":"{\#(id)}"}"#, 422, ["/lead_id"]),
    lease(#"{"company":"A",\#(lead),"leed_id":1}"#, 422, ["/leed_id"]),
    lease(#"{"company":"A",\#(lead),"a/b~c":1}"#, 422, ["/a~1b~0c"]),
    lease(#"{"company":"A",\#(lead),"":1}"#, 422, ["/"]),
    lease(#"{"company":"A",\#(lead),"customer_phone":6505300051}"#, 422, ["/customer_phone"]),
    lease(#"{"company":"A",\#(lead),"customer_phone":"call me"}"#, 422, ["/customer_phone"]),
    lease(#"{"company":"A",\#(lead),"customer_phone":"+1"}"#, 422, ["/customer_phone"]),
    lease(#"{"company":"A",\#(lead),"customer_phone":"'; DROP TABLE leads; --"}"#, 422, ["/customer_phone"]),
    lease(#"{"company":"A",\#(lead),"customer_phone":"\#(long)"}"#, 422, ["/customer_phone"]),
    lease(#"{"company":"A",\#(lead),"near":424}"#, 422, ["/near"]),
    lease(#"{"company":"A",\#(lead),"near":"\#(long)"}"#, 422, ["/near"]),
    lease(#"{"company":"A",\#(lead),"near":"a\nb"}"#, 422, ["/near"]),
  ]

  private static let outcome = "/v1/leases/\(id)/outcome"
  static let changes: [HostileRequest] = [
    .init("POST", outcome, "{}", 422, ["/outcome"]),
    .init("POST", outcome, #"{"outcome":"won"}"#, 422, ["/outcome"]),
    .init("POST", outcome, #"{"outcome":"Booked"}"#, 422, ["/outcome"]),
    .init("POST", outcome, #"{"outcome":"booked"}"#, 422, ["/appointment_at"]),
    .init(
      "POST", outcome, #"{"outcome":"busy","appointment_at":"2026-12-01T10:00:00Z"}"#, 422,
      ["/appointment_at"]),
    .init("POST", outcome, #"{"outcome":"booked","appointment_at":"tomorrow"}"#, 422, ["/appointment_at"]),
    .init(
      "POST", outcome, #"{"outcome":"booked","appointment_at":"2026-02-30T10:00:00Z"}"#, 422,
      ["/appointment_at"]),
    .init(
      "POST", outcome, #"{"outcome":"booked","appointment_at":"2026-12-01T10:00:00"}"#, 422,
      ["/appointment_at"]),
    .init("POST", outcome, #"{"outcome":"booked","appointment_at":1764583200}"#, 422, ["/appointment_at"]),
    .init("POST", outcome, #"{"outcome":"busy","term":0}"#, 422, ["/term"]),
    .init("POST", outcome, #"{"outcome":"busy","term":"7"}"#, 422, ["/term"]),
    .init("POST", outcome, #"{"outcome":"busy","term":1.5}"#, 422, ["/term"]),
    .init("POST", outcome, #"{"outcome":"busy","term":9007199254740992}"#, 422, ["/term"]),
    .init("POST", outcome, #"{"outcome":"busy","term":99999999999999999999}"#, 400),
    .init("POST", "/v1/leases/\(id)/renew", #"{"term":-1}"#, 422, ["/term"]),
    .init("POST", "/v1/leases/\(id)/renew", "[]", 422, [""]),
    .init("POST", "/v1/leases/7/renew", "", 400, ["lease_id"]),
    .init("GET", "/v1/leases/null", "", 400, ["lease_id"]),
    .init("GET", "/v1/leases/%00", "", 400), .init("GET", "/v1/leases/%zz", "", 400),
    .init("GET", "/v1/leases/%ff", "", 400),
    .init("DELETE", "/v1/leases/\(id)", "", 400, ["term"]),
    .init("DELETE", "/v1/leases/\(id)?term=", "", 400, ["term"]),
    .init("DELETE", "/v1/leases/\(id)?term=07", "", 400, ["term"]),
    .init("DELETE", "/v1/leases/\(id)?term=1&term=2", "", 400, ["term"]),
    .init("DELETE", "/v1/leases/\(id)?term=1e3", "", 400, ["term"]),
  ]

  static let queries: [HostileRequest] = [
    .init("GET", "/v1/leases?limit=0", "", 400, ["limit"]),
    .init("GET", "/v1/leases?limit=1001", "", 400, ["limit"]),
    .init("GET", "/v1/leases?limit=ten", "", 400, ["limit"]),
    .init("GET", "/v1/leases?limit=-1", "", 400, ["limit"]),
    .init("GET", "/v1/leases?limit=99999999999999999999", "", 400, ["limit"]),
    .init("GET", "/v1/leases?cursor=abc", "", 400, ["cursor"]),
    .init("GET", "/v1/leases?cursor=%2B%2B", "", 400, ["cursor"]),
    .init("GET", "/v1/leases?state=dead", "", 400, ["state"]),
    .init("GET", "/v1/leases?client_id=Acme", "", 400, ["client_id"]),
    .init("GET", "/v1/leases?lead_id=1&state=x&limit=x", "", 400, ["lead_id", "state", "limit"]),
    .init("GET", "/v1/leases?page=2", "", 400, ["page"]),
    .init("GET", "/v1/leases?state=%ff", "", 400, ["state"]),
    .init("GET", "/v1/pools?limit=1&limit=2", "", 400, ["limit"]),
    .init("GET", "/v1/alerts?state=", "", 400, ["state"]),
    .init("GET", "/v1/numbers?area_code=42a", "", 400, ["area_code"]),
    .init("GET", "/v1/numbers?area_code=123456789", "", 400, ["area_code"]),
    .init("GET", "/v1/numbers?company=%20A", "", 400, ["company"]),
    .init("GET", "/v1/numbers?status=Active", "", 400, ["status"]),
    .init("GET", "/v1/numbers/x/holders?at=now", "", 400, ["at"]),
    .init("GET", "/v1/numbers/%C3%A9", "", 404),
    .init("GET", "/v1/numbers/x/holders?at=2026-01-01T00:00:00+01:00", "", 400, ["at"]),
    .init("GET", "/v1/leads?primary_email=nobody", "", 400, ["primary_email"]),
    .init("GET", "/v1/pools/Acme", "", 400, ["client_id"]), .init("GET", "/v1/pools", "{}", 415),
    .init("DELETE", "/v1/keys/mine", "", 400, ["key_id"]), .init("POST", "/v1/jobs/x/run", "{}", 415),
  ]

  private static let imports = "/v1/numbers/import"
  static let breadth: [HostileRequest] = [
    .init("POST", "/v1/clients", #"{"company_name":"A\u0007"}"#, 422, ["/company_name"]),
    .init("POST", "/v1/clients", #"{"company_name":"A","time_zone":"Mars/Base"}"#, 422, ["/time_zone"]),
    .init("POST", "/v1/clients", #"{"company_name":"A","time_zone":"../etc/passwd"}"#, 422, ["/time_zone"]),
    .init("POST", "/v1/clients", #"{"company_name":"A","time_zone":"EST"}"#, 422, ["/time_zone"]),
    .init("POST", "/v1/clients", #"{"company_name":"A","low_water_mark":-1}"#, 422, ["/low_water_mark"]),
    .init("POST", "/v1/clients", #"{"company_name":"A","low_water_mark":1000001}"#, 422, ["/low_water_mark"]),
    .init("POST", "/v1/clients", #"{"company_name":"A","low_water_mark":true}"#, 422, ["/low_water_mark"]),
    .init("PATCH", "/v1/clients/\(id)", "{}", 422, [""]),
    .init("PATCH", "/v1/clients/\(id)", #"{"company_name":null}"#, 422, ["/company_name"]),
    .init("POST", "/v1/leads", #"{"primary_email":"a b@example.com"}"#, 422, ["/primary_email"]),
    .init("POST", "/v1/leads", #"{"primary_email":"\#(long)@example.com"}"#, 422, ["/primary_email"]),
    .init("POST", "/v1/leads", #"{"first_name":""}"#, 422, ["/first_name"]),
    .init("POST", "/v1/leads", #"{"last_name":"a\u2028b"}"#, 422, ["/last_name"]),
    .init("POST", "/v1/keys", #"{"name":"x","role":"root"}"#, 422, ["/role"]),
    .init("POST", "/v1/keys", #"{"name":"x","role":"sender"}"#, 422, ["/client_id"]),
    .init("POST", "/v1/keys", #"{"name":"x","role":"operator","client_id":"\#(id)"}"#, 422, ["/client_id"]),
    .init("POST", "/v1/keys", #"{"name":"","role":"operator"}"#, 422, ["/name"]),
    .init("PATCH", "/v1/numbers/x", #"{"status":null}"#, 422, ["/status"]),
    .init("PATCH", "/v1/numbers/x", #"{"notes":7}"#, 422, ["/notes"]),
    .init("PATCH", "/v1/numbers/x", #"{"territories":"LA"}"#, 422, ["/territories"]),
    .init("PATCH", "/v1/numbers/x", #"{"number":"+16502530000"}"#, 422, ["/number", ""]),
    .init("POST", imports, "{}", 422, ["/numbers"]),
    .init("POST", imports, #"{"numbers":[]}"#, 422, ["/numbers"]),
    .init("POST", imports, #"{"numbers":{}}"#, 422, ["/numbers"]),
    .init("POST", imports, row(#","status":1"#), 422, ["/numbers/0/status"]),
    .init("POST", imports, row(#","territories":[1]"#), 422, ["/numbers/0/territories/0"]),
    .init("POST", imports, row(#","notes":"\#(long)""#), 422, ["/numbers/0/notes"]),
    .init("POST", imports, row(#","extra":[]"#), 422, ["/numbers/0/extra"]),
    .init("POST", imports, #"{"numbers":[1,2]}"#, 422, ["/numbers/0", "/numbers/1"]),
  ]

  static let all = leases + changes + queries + breadth
}

@Suite(.requiresPostgres)
struct HostileTests {
  @Test(.database(TestDatabase.product))
  func `each hostile request has its 4xx and points to what is wrong`() async throws {
    #expect(HostileRequest.all.count >= 60)
    let world = APIWorld()
    for request in HostileRequest.all {
      let auth = [(name: "Authorization", value: "Bearer \(APIWorld.operatorKey)")]
      let response = await world.send(
        request.method, request.target, headers: auth, body: Array(request.body.utf8))
      let text = String(decoding: response.body, as: UTF8.self)
      #expect(response.status.rawValue == request.status, "\(request.testDescription): \(text)")
      if let faults = request.faults {
        #expect(Set(response.faults) == Set(faults), "\(request.testDescription): \(text)")
      }
      // What was sent does not come back in a problem.
      #expect(!text.contains("DROP TABLE") && text.utf8.count < 4_096, "\(request.testDescription)")
    }
  }

  @Test(.database(TestDatabase.product))
  func `bytes that are no UTF-8, other types, and huge bodies`() async throws {
    let world = APIWorld()
    let auth = (name: "Authorization", value: "Bearer \(APIWorld.operatorKey)")
    func send(_ type: String?, _ body: [UInt8]) async -> Response {
      let headers = type.map { [(name: "Content-Type", value: $0)] } ?? []
      return await world.send("POST", "/v1/leases", headers: [auth] + headers, body: body)
    }
    #expect(await send("application/json", [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]).status == .badRequest)
    #expect(await send("text/plain", Array("{}".utf8)).status == .unsupportedMediaType)
    #expect(
      await send("application/x-www-form-urlencoded", Array("a=b".utf8)).status == .unsupportedMediaType)
    #expect(await send("application/json; charset=latin1", Array("{}".utf8)).status == .unsupportedMediaType)
    #expect(
      await send("application/json", [UInt8](repeating: 0x20, count: 1 << 20 + 1)).status == .payloadTooLarge)
    let large = await world.send(
      "POST", "/v1/numbers/import", headers: [auth], body: [UInt8](repeating: 0x20, count: 2 << 20))
    #expect(large.status == .badRequest)
  }

  @Test(
    .database(TestDatabase.product),
    arguments: [
      "", " ", "a b", "\"", "\"\"", "a\"b", "\"a", String(repeating: "k", count: 256), "schlüssel", "a\tb",
    ])
  func `a malformed Idempotency-Key is 400`(key: String) async {
    let response = await APIWorld().send("POST", "/v1/leads", [:], idempotencyKey: key)
    #expect(response.status == .badRequest && response.faults == ["Idempotency-Key"])
  }

  @Test(.database(TestDatabase.product))
  func `a cursor of one list is refused by the others`() async throws {
    let world = APIWorld()
    try await world.pool.client("A")
    try await world.pool.client("B")
    let cursor = try #require(try await world.send("GET", "/v1/clients?limit=1").json["next_cursor"]?.string)
    #expect(await world.send("GET", "/v1/clients?cursor=\(cursor)").status == .ok)
    for list in ["leases", "numbers", "pools", "alerts", "leads", "keys"] {
      let response = await world.send("GET", "/v1/\(list)?cursor=\(cursor)")
      #expect(response.status == .badRequest && response.faults == ["cursor"], "\(list)")
    }
  }
}
