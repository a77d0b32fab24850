import Crypto
import Glibc
import JSON
import TestSupport
import Testing

/// Payments against the built program: a signed event through a socket, and what commands tell of it.
@Suite(.requiresPostgres) struct `Payments` {
  static let secret = "whsec_old-one"

  /// An event of test mode that this client has paid for a tier, and its signature of now.
  private func paid(_ client: String, _ id: String = "evt_1") -> (body: String, signature: String) {
    let now = time(nil)
    let body = """
      {"id":"\(id)","object":"event","type":"invoice.paid","created":\(now),"livemode":false,\
      "data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1",\
      "customer_email":"owner@acme.example","parent":\
      {"subscription_details":{"subscription":"sub_1","metadata":{"client_id":"\(client)"}}},\
      "lines":{"data":[{"amount":1,"pricing":{"price_details":{"price":"price_1"}}}]}}}}
      """
    let code = hmacSHA256(key: Array(Self.secret.utf8), Array("\(now).\(body)".utf8))
    return (body, "t=\(now),v1=\(Hexadecimal.encode(code))")
  }

  private func server() async throws -> RunningServer {
    try await RunningServer(
      ["--database-url", TestDatabase.conninfo],
      environment: ["RESERVOIR_STRIPE_WEBHOOK_SECRET": "whsec_new-one, \(Self.secret)"])
  }

  @Test(.database(TestDatabase.migrated)) func `a signed event assigns, and nothing personal is logged`()
    async throws
  {
    let client = try await done("clients", "create", "Acme")
    try await done("payments", "prices", "set", "ignition", "price_1")
    let server = try await server()
    let event = paid(client)
    let stranger = HTTPClient(port: server.port)
    let answer = try await stranger.send(
      "POST", "/webhooks/stripe", headers: [("Stripe-Signature", event.signature)], json: event.body)
    #expect(answer.status == 200 && answer.text.contains("\"processed\""), "\(answer.text)")
    let refused = try await stranger.send("POST", "/webhooks/stripe", json: event.body)
    #expect(refused.status == 400)
    #expect(await server.process.stop() == .code(0))
    let log = server.process.lines.joined(separator: "\n")
    #expect(log.contains("payment event processed") && !log.contains("owner@") && !log.contains("whsec_"))

    let shown = try await document("payments", "show", "evt_1")
    #expect(shown["event"]?["client_id"]?.string == client)
    #expect(shown["payload"]?["data"]?["object"]?["customer_email"] == "owner@acme.example")
    let listed = try await document("payments", "list", "--client", "Acme", "--state", "processed")
    #expect(listed[0]?["outcome"]?.string?.contains("14 backordered") == true)
    #expect(try await done("payments", "list").contains("invoice.paid"))
    #expect(try await done("payments", "replay", "evt_1").contains("processed"))
    #expect(try await done("payments", "link", "Acme").contains("subscription sub_1"))
    try await done("check")
  }

  @Test(.database(TestDatabase.migrated))
  func `an event that is stored when the server is killed is processed after its restart`() async throws {
    let client = try await done("clients", "create", "Acme")
    try await done("payments", "prices", "set", "ignition", "price_1")
    let first = try await server()
    // Somebody has the client locked, so that the event is stored and its processing waits.
    let holder = try HeldSession(TestDatabase.conninfo, "BEGIN; UPDATE clients SET low_water_mark = 0")
    let event = paid(client)
    let stranger = HTTPClient(port: first.port)
    let answer = Task {
      try await stranger.send(
        "POST", "/webhooks/stripe", headers: [("Stripe-Signature", event.signature)], json: event.body)
    }
    while try await value("SELECT count(*) FROM payment_events") == "0" { await Task.yield() }
    #expect(try await value("SELECT state FROM payment_events") == "received")
    first.process.signal(SIGKILL)
    _ = try await first.process.ended()
    await #expect(throws: (any Error).self) { try await answer.value }
    try holder.end()
    // As after half a minute: until then whoever stored it may still be at it.
    _ = try await value("UPDATE payment_events SET next_attempt_at = received_at RETURNING id")
    let second = try await server()
    let line = try await second.process.line(containing: "payment event processed", within: .seconds(60))
    #expect(line.contains("14 backordered"))
    #expect(try await value("SELECT state FROM subscriptions") == "active")
    #expect(await second.process.stop() == .code(0))
    try await done("check")
  }

  @Test(.database(TestDatabase.migrated)) func `commands say what is wrong`() async throws {
    try await done("clients", "create", "Acme")
    #expect(try await done("payments", "list") == "no events")
    #expect(try await done("payments", "link", "Acme") == "not linked")
    try await done("payments", "link", "Acme", "--stripe-customer", "cus_1", "--stripe-subscription", "sub_1")
    #expect(try await done("payments", "link", "Acme") == "payer cus_1\nsubscription sub_1")
    #expect(try await done("payments", "prices", "list", "velocity") == "no prices")
    for (status, arguments) in [
      (1, ["payments", "show", "evt_9"]), (1, ["payments", "replay", "evt_9"]),
      (1, ["payments", "link", "Nobody"]), (1, ["payments", "prices", "list", "gold"]),
      (1, ["payments", "prices", "remove", "velocity", "price_9"]),
      (1, ["payments", "prices", "set", "gold", "price_9"]),
      (2, ["payments", "prices", "set", "Gold", "price_9"]),
      (2, ["payments", "prices", "set", "velocity", "price 9"]),
      (2, ["payments", "list", "--state", "lost"]),
      (2, ["payments", "link", "Acme", "--stripe-customer", ""]),
    ] {
      let run = try await reservoir(arguments + ["--database-url", TestDatabase.conninfo])
      #expect(run.status == .code(Int32(status)), "\(run)")
    }
  }

  @Test func `the secret is masked`() async throws {
    let run = try await reservoir(["config"], environment: ["RESERVOIR_STRIPE_WEBHOOK_SECRET": Self.secret])
    #expect(run.text.contains("stripe-webhook-secret") && !run.text.contains(Self.secret))
  }
}
