import HTTP
import HTTPClient
import Synchronization
import Testing

/// A server for one test, and requests to it.
func withServer(
  _ routes: Routes, _ body: (_ url: String) async throws -> Void
) async throws {
  var configuration = ServerConfiguration(port: 0)
  configuration.drainTimeout = .milliseconds(50)
  let server = try HTTPServer(configuration, Router(routes, problemBase: "urn:test:"))
  let running = Task { try await server.run() }
  let result: Result<Void, any Error>
  do {
    try await body("http://127.0.0.1:\(server.port)")
    result = .success(())
  } catch {
    result = .failure(error)
  }
  running.cancel()
  _ = try await running.value
  try result.get()
}

@Suite struct `An HTTP agent` {
  let agent = HTTPAgent()

  func failure(_ request: OutgoingRequest) async -> OutgoingFailure? {
    do {
      _ = try await agent.send(request)
      return nil
    } catch { return error }
  }

  @Test func `sends method, fields and body, and brings back status, fields and body`() async throws {
    var routes = Routes()
    routes.post("/echo", body: .types(["text/plain"])) { request in
      Response(.created, contentType: "text/plain", body: Array(request.body.reversed()))
        .with("X-Seen", request.header("X-Sent") ?? "")
    }
    try await withServer(routes) { url in
      let request = OutgoingRequest(
        "POST", "\(url)/echo", headers: [("X-Sent", "a b"), ("Content-Type", "text/plain")],
        body: [1, 2, 0, 3])
      let answer = try await agent.send(request)
      #expect(answer.status == 201 && answer.body == [3, 0, 2, 1] && answer.header("x-seen") == "a b")
    }
  }

  @Test func `answers of any status are answers, and redirects are not followed`() async throws {
    var routes = Routes()
    let followed = Atomic(false)
    routes.get("/moved") { _ in Response(Status(rawValue: 302)).with("Location", "/target") }
    routes.get("/target") { _ in
      followed.store(true, ordering: .relaxed)
      return .text("")
    }
    try await withServer(routes) { url in
      let missing = try await agent.send(OutgoingRequest("GET", "\(url)/nothing"))
      #expect(missing.status == 404)
      let moved = try await agent.send(OutgoingRequest("GET", "\(url)/moved"))
      #expect(moved.status == 302 && moved.header("Location") == "/target")
    }
    let wasFollowed = followed.load(ordering: .relaxed)
    #expect(!wasFollowed)
  }

  @Test func `many requests at once share one thread`() async throws {
    var routes = Routes()
    routes.get("/n/{n}") { .text($0.parameters["n"]) }
    try await withServer(routes) { url in
      let sum = try await withThrowingTaskGroup(of: Int.self) { group in
        for n in 0..<100 {
          group.addTask { [agent] in
            let answer = try await agent.send(OutgoingRequest("GET", "\(url)/n/\(n)"))
            return Int(String(decoding: answer.body, as: UTF8.self)) ?? -1
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(sum == 4_950)
    }
  }

  @Test func `a slow answer is a timeout that may have arrived, and a cancelled task stops waiting`()
    async throws
  {
    var routes = Routes()
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    routes.get("/slow") { _ in
      arrived.yield()
      try await Task.sleep(for: .seconds(60))
      return .noContent
    }
    try await withServer(routes) { url in
      let slow = await failure(OutgoingRequest("GET", "\(url)/slow", timeout: .milliseconds(200)))
      #expect(slow?.kind == .timeout && slow?.mayHaveArrived == true)
      var arrivals = arrivals.makeAsyncIterator()
      await arrivals.next()
      let task = Task { await failure(OutgoingRequest("GET", "\(url)/slow", timeout: .seconds(60))) }
      await arrivals.next()
      task.cancel()
      let cancelled = await task.value
      #expect(cancelled?.kind == .cancelled && cancelled?.mayHaveArrived == true)
    }
  }

  @Test func `a closed port is unreachable, and nothing has arrived`() async throws {
    var port = 0
    try await withServer(Routes()) { url in port = Int(url.split(separator: ":").last ?? "") ?? 0 }
    let refused = await failure(OutgoingRequest("GET", "http://127.0.0.1:\(port)/"))
    #expect(refused?.kind == .unreachable && refused?.mayHaveArrived == false)
  }

  @Test func `an answer beyond its limit is refused`() async throws {
    var routes = Routes()
    routes.get("/big") { _ in .text(String(repeating: "x", count: 100_000)) }
    try await withServer(routes) { url in
      #expect(await failure(OutgoingRequest("GET", "\(url)/big", bodyLimit: 99_999))?.kind == .tooLarge)
      #expect(await failure(OutgoingRequest("GET", "\(url)/big", bodyLimit: 100_000)) == nil)
    }
  }

  @Test(arguments: [
    OutgoingRequest("GET", "file:///etc/hostname"),
    OutgoingRequest("GET", "http://127.0.0.1/ HTTP/1.1\r\nX: y"),
    OutgoingRequest("GET", "http://127.0.0.1/", headers: [("X", "a\r\nY: b")]),
    OutgoingRequest("GET /", "http://127.0.0.1/"), OutgoingRequest("GET", ""),
  ])
  func `what is no request is not sent`(request: OutgoingRequest) async {
    let refused = await failure(request)
    #expect(refused?.kind == .malformed && refused?.mayHaveArrived == false)
  }

  @Test func `a failure tells neither the address nor its key`() async {
    let refused = await failure(OutgoingRequest("GET", "http://user:hush@127.0.0.1:1/?key=hush"))
    for word in ["hush", "user", "127.0.0.1"] {
      #expect(refused.map { "\($0)".contains(word) } == false, "\(word)")
    }
  }
}
