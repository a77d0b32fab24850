import JSON
import TestSupport
import Testing

/// The product itself, `reservoir serve`, under attack over raw sockets.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct HostileProductTests {
  @Test func `every hostile request gets its 4xx, harms nobody, and leaves no trace of persons in the log`()
    async throws
  {
    let server = try await LiveServer(
      database: TestDatabase.conninfo, ["--receive-timeout", "4s", "--log-level", "debug"])
    let ground = try await prepare(server)
    let before = try await counts()
    let cases = ground.all
    #expect(cases.count >= 60 && Set(cases.map(\.name)).count > cases.count - 10)

    let faults = try await withThrowingTaskGroup(of: String?.self) { group in
      var faults: [String] = []
      for (index, hostile) in cases.enumerated() {
        // At most a dozen at a time.
        if index >= 12, let fault = try await group.next() ?? nil { faults.append(fault) }
        group.addTask { try await fault(of: hostile, on: server.port) }
      }
      return try await group.reduce(into: faults) { if let fault = $1 { $0.append(fault) } }
    }
    for fault in faults { Issue.record("\(fault)") }
    #expect(try await counts() == before, "a hostile request changed something")
    try await expectUnharmed(server, ground)
    #expect(await server.process.stop() == .code(0))
    expectDiscreet(server.process.lines)
  }

  /// Sends one, and says what was wrong with its answer or with the server afterwards.
  private func fault(of hostile: Hostile, on port: UInt16) async throws -> String? {
    let outcome = try await RawHTTP.exchange(
      port: port, hostile.pieces, pause: hostile.pause, endsWriting: hostile.endsWriting)
    let healthy = try await RawHTTP.exchange(port: port, "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
    guard healthy.status == 200 else { return "\(hostile.name): the server is not well afterwards" }
    switch (hostile.answer, outcome) {
    case (.closed, .closed): return nil
    case (.bare(let status), .answer(let answer)) where answer.status == status: return nil
    case (.problem(let status), .answer(let answer)) where answer.status == status:
      let problem = try? JSONValue(parsing: answer.body)
      let isProblem =
        answer["content-type"] == "application/problem+json" && problem?["status"]?.int == status
        && problem?["type"]?.string?.hasPrefix("urn:reservoir:problem:") == true
      return isProblem ? nil : "\(hostile.name): \(status), but no problem: \(answer.text)"
    case (_, .answer(let answer)): return "\(hostile.name): \(answer.status) \(answer.text.prefix(300))"
    case (_, .closed): return "\(hostile.name): closed"
    case (_, .silent): return "\(hostile.name): no answer"
    }
  }

  // MARK: Before and after

  private func prepare(_ server: LiveServer) async throws -> HostileGround {
    let client = HTTPClient(port: server.port, headers: LiveServer.authorization)
    func make(_ path: String, _ json: String, headers: [(String, String)] = []) async throws -> JSONValue {
      let answer = try await client.send("POST", path, headers: headers, json: json)
      try #require((200...201).contains(answer.status), "\(path): \(answer.text)")
      return try JSONValue(parsing: answer.body)
    }
    func id(_ value: JSONValue) throws -> String { try #require(value["id"]?.string) }
    let company = try id(try await make("/v1/clients", #"{"company_name":"\#(HostileGround.company)"}"#))
    let stranger = try id(try await make("/v1/clients", #"{"company_name":"Stranger LLC"}"#))
    let key = try await make("/v1/keys", #"{"name":"k","role":"sender","client_id":"\#(stranger)"}"#)
    let lead = try id(try await make("/v1/leads", #"{"primary_email":"secret.person@example.com"}"#))
    _ = try await make(
      "/v1/numbers/import",
      """
      {"numbers":[{"vapi_phone_number_id":"target-1","number":"+14245550000","name":"n",\
      "assigned_broker_company":"\(HostileGround.company)"}]}
      """)
    let lease = try await make(
      "/v1/leases",
      """
      {"company":"\(HostileGround.company)","lead_id":"\(lead)","customer_phone":"+14155550123"}
      """, headers: [("Idempotency-Key", "private-idempotency-1")])
    return HostileGround(
      clientID: company, leadID: lead, leaseID: try id(lease), usedKey: "private-idempotency-1",
      strangerKey: try #require(key["key"]?.string))
  }

  /// How many rows there are of each thing.
  private func counts() async throws -> [String?] {
    let tables = [
      "clients", "leads", "api_keys", "signalwire_phone_numbers", "phone_number_ledger", "interactions",
    ]
    let columns = tables.map { "(SELECT count(*) FROM \($0))" }.joined(separator: ", ")
    return try await Admin.execute("SELECT \(columns)", on: TestDatabase.conninfo)[0]
  }

  private func expectUnharmed(_ server: LiveServer, _ ground: HostileGround) async throws {
    let client = HTTPClient(port: server.port, headers: LiveServer.authorization)
    let held = try await client.send(
      "POST", "/v1/leases",
      json: #"{"company":"\#(HostileGround.company)","lead_id":"\#(ground.leadID)"}"#)
    #expect(held.status == 200 && held.text.contains(ground.leaseID))
    let check = try await LiveServer.command(["check", "--database-url", TestDatabase.conninfo])
    #expect(check.status == .code(0), "\(check.output)")
  }

  private func expectDiscreet(_ lines: [String]) {
    // The access log was on: without it silence would prove nothing.
    #expect(lines.contains { $0.contains("/v1/leases") })
    #expect(lines.filter { $0.contains("request failed") } == [])
    for secret in HostileGround.secrets {
      #expect(lines.filter { $0.contains(secret) } == [], "\(secret)")
    }
  }
}
