import HTTP
import JSON
import Testing

/// Slow clients, slow handlers, clients that go away, and the server's own end.
@Suite struct LifetimeTests {
  @Test func `on stopping a request under way is finished, and its connection closed`() async throws {
    let hooks = Hooks()
    let server = try HTTPServer(quick(), Router(sampleRoutes(hooks)))
    let port = server.port
    let running = Task { try await server.run() }
    async let answer = offPool {
      let wire = try Wire(port: port)
      wire.send(request("GET", "/slow", ["X-Key: k"]))
      let answer = try wire.receive()
      return (answer, try wire.isClosed())
    }
    await hooks.started.wait()
    running.cancel()
    // The listening socket is shut before anything is waited for.
    try await offPool { while (try? Wire(port: port)) != nil {} }
    hooks.release.open()
    let (got, isClosed) = try await answer
    #expect(got?.text == "slow k")
    #expect(got?.headers["connection"] == "close")
    #expect(isClosed)
    #expect(try await running.value == DrainReport())
  }

  @Test func `what does not end in time is answered with 503 and counted`() async throws {
    var routes = Routes()
    let started = Signal()
    let never = Signal()
    routes.get("/stuck") { _ in
      started.open()
      await never.wait()
      return .noContent
    }
    let configuration = quick { $0.drainTimeout = .milliseconds(50) }
    let server = try HTTPServer(configuration, Router(routes))
    let port = server.port
    let running = Task { try await server.run() }
    async let answer = offPool {
      let wire = try Wire(port: port)
      wire.send(request("GET", "/stuck"))
      return try wire.receive()
    }
    await started.wait()
    running.cancel()
    #expect(try await running.value == DrainReport(abandoned: 1, routes: ["/stuck": 1]))
    // Sent or cut: both are an end.
    let got = try await answer
    #expect(got == nil || got?.status == 503)
    never.open()
  }

  @Test func `a handler is cancelled when its client has gone, and nothing breaks`() async throws {
    let hooks = Hooks()
    let notebook = Notebook()
    try await withServer(quick { $0.sendTimeout = .milliseconds(200) }, sampleRoutes(hooks), notebook) {
      let port = $0.port
      try await offPool {
        let wire = try Wire(port: port)
        wire.send(request("GET", "/slow"))
      }
      await hooks.cancelled.wait()
      #expect(try await exchange($0, "GET", "/healthz")?.status == 200)
    }
    #expect(notebook.all.first { $0.route == "/slow" }?.status == .unavailable)
  }

  @Test func `a handler that takes too long is cancelled and answered with 503`() async throws {
    let hooks = Hooks()
    try await withServer(quick { $0.handlerTimeout = .milliseconds(50) }, sampleRoutes(hooks)) { server in
      let answer = try await exchange(server, "GET", "/slow")
      #expect(answer?.status == 503)
      #expect(answer?.headers["retry-after"] == "1")
      #expect(answer?.json?["type"] == "urn:problem:deadline-exceeded")
    }
  }

  @Test func `a handler that does not heed its cancellation is answered for, and its own answer ignored`()
    async throws
  {
    let late = Signal()
    let ended = Signal()
    let configuration = quick {
      $0.handlerTimeout = .milliseconds(30)
      $0.cancellationGrace = .milliseconds(30)
    }
    var deaf = Routes()
    deaf.get("/deaf") { request in
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
        Task.detached {
          await late.wait()
          continuation.resume()
        }
      }
      ended.open()
      return .text(request.header("x-key") ?? "gone")
    }
    deaf.get("/healthz") { _ in .text("ok") }
    try await withServer(configuration, deaf) { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        wire.send(request("GET", "/deaf", ["X-Key: k", "X-Request-Id: id-9"]))
        let answer = try wire.receive()
        #expect(answer?.status == 503)
        #expect(answer?.json?["instance"] == "urn:request:id-9")
        wire.send(request("GET", "/healthz"))
        #expect(try wire.receive()?.text == "ok")
        late.open()
      }
      await ended.wait()
      #expect(try await exchange(server, "GET", "/healthz")?.status == 200)
    }
  }

  @Test func `a handler resumed while the server stops still runs to its end`() async throws {
    for _ in 0..<20 {
      let started = Signal()
      let release = Signal()
      let ended = Signal()
      var routes = Routes()
      routes.get("/stuck") { _ in
        started.open()
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
          Task.detached {
            await release.wait()
            continuation.resume()
          }
        }
        ended.open()
        return .noContent
      }
      let server = try HTTPServer(quick { $0.drainTimeout = .zero }, Router(routes))
      let port = server.port
      let running = Task { try await server.run() }
      let wire = try await offPool { try Wire(port: port).sending(request("GET", "/stuck")) }
      await started.wait()
      running.cancel()
      release.open()
      await ended.wait()
      _ = try await running.value
      _ = consume wire
    }
  }

  @Test func `a heavy route is served from the shared pool`() async throws {
    var routes = Routes()
    routes.get("/heavy", heavy: true) { request in
      await Task.yield()
      return .text(request.header("x-key") ?? "")
    }
    try await withServer(quick(), routes) { server in
      let answer = try await exchange(server, "GET", "/heavy", headers: ["X-Key: k"])
      #expect(answer?.text == "k")
    }
  }

  @Test func `an idle connection is closed`() async throws {
    try await withServer(quick { $0.idleTimeout = .milliseconds(50) }) { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        wire.send(request("GET", "/healthz"))
        #expect(try wire.receive()?.status == 200)
        #expect(try wire.isClosed())
      }
    }
  }

  @Test func `a connection that never says anything is closed`() async throws {
    try await withServer(quick { $0.receiveTimeout = .milliseconds(50) }) { server in
      let port = server.port
      let isClosed = try await offPool { try Wire(port: port).isClosed() }
      #expect(isClosed)
    }
  }

  @Test(arguments: [
    "GET /healthz HTTP/1.1\r\nHost: t\r\n",
    "POST /things HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    "POST /things HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
  ])
  func `a client that dribbles gets 408`(start: String) async throws {
    try await withServer(quick { $0.receiveTimeout = .milliseconds(100) }) { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        wire.send(start)
        let answer = try wire.receive()
        #expect(answer?.status == 408)
        #expect(answer?.isProblem == true)
        #expect(try wire.isClosed())
      }
      #expect(try await exchange(server, "GET", "/healthz")?.status == 200)
    }
  }

  @Test func `beyond the connection limit others wait, and are served when one goes`() async throws {
    try await withServer(quick { $0.connections = 2 }) { server in
      let port = server.port
      try await offPool {
        var wires = try (0..<2).map { _ in try Wire(port: port) }
        for wire in wires {
          wire.send(request("GET", "/healthz"))
          #expect(try wire.receive()?.status == 200)
        }
        let third = try Wire(port: port)
        third.send(request("GET", "/healthz"))
        wires.removeFirst()
        #expect(try third.receive()?.status == 200)
      }
    }
  }

  @Test func `clients that vanish at every moment leave nothing behind`() async throws {
    let whole = Array(
      request("POST", "/things", ["Content-Type: application/json"], #"{"number":"A","copies":1}"#).utf8)
    let report = try await withServer { server in
      let port = server.port
      try await offPool {
        for length in stride(from: 0, through: whole.count, by: 3) {
          try Wire(port: port).send(Array(whole[..<length]))
        }
      }
      #expect(try await exchange(server, "GET", "/healthz")?.status == 200)
    }
    #expect(report == DrainReport())
  }
}
