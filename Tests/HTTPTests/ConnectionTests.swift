import HTTP
import JSON
import Testing

@Suite struct ConnectionTests {
  @Test func `a connection is kept for many requests`() async throws {
    let notebook = Notebook()
    try await withServer(quick(), sampleRoutes(), notebook) { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        for index in 0..<50 {
          wire.send(request("GET", "/things/\(index)"))
          #expect(try wire.receive()?.text == #"{"id":\#(index)}"#)
        }
      }
      #expect(server.connectionCount <= 1)
    }
    #expect(notebook.all.count == 50)
    #expect(Set(notebook.all.map(\.id)).count == 50)
  }

  @Test func `pipelined requests are answered in order`() async throws {
    try await withServer { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        let post = request(
          "POST", "/things", ["Content-Type: application/json"], #"{"number":"A","copies":1}"#)
        wire.send((0..<20).map { request("GET", "/things/\($0)") + post }.joined())
        for index in 0..<20 {
          #expect(try wire.receive()?.text == #"{"id":\#(index)}"#)
          #expect(try wire.receive()?.status == 201)
        }
      }
    }
  }

  @Test func `HEAD has the length of GET and no body`() async throws {
    try await withServer { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        wire.send(request("HEAD", "/things/7") + request("GET", "/healthz"))
        #expect(try wire.receive(head: true)?.headers["content-length"] == "8")
        #expect(try wire.receive()?.text == "ok")
      }
    }
  }

  @Test func `Connection close is obeyed, and HTTP 1.0 closes`() async throws {
    try await withServer { server in
      let port = server.port
      try await offPool {
        for text in [request("GET", "/healthz", ["Connection: close"]), "GET /healthz HTTP/1.0\r\n\r\n"] {
          let wire = try Wire(port: port)
          wire.send(text)
          #expect(try wire.receive()?.status == 200)
          #expect(try wire.isClosed())
        }
      }
    }
  }

  @Test func `100-continue is asked for a body that will be taken, and not for one that will not`()
    async throws
  {
    try await withServer { server in
      let port = server.port
      try await offPool {
        let body = #"{"number":"A","copies":1}"#
        let head = ["Content-Type: application/json", "Expect: 100-continue"]
        let wire = try Wire(port: port)
        wire.send(
          "POST /things HTTP/1.1\r\nHost: t\r\n\(head.joined(separator: "\r\n"))\r\n"
            + "Content-Length: 25\r\n\r\n"
        )
        #expect(try wire.receive()?.status == 100)
        wire.send(body)
        #expect(try wire.receive()?.status == 201)

        for (target, length, status) in [("/none", 25, 404), ("/things", 2 << 20, 413)] {
          let other = try Wire(port: port)
          other.send(
            "POST \(target) HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n\r\n")
          let answer = try other.receive()
          #expect(answer?.status == status)
          #expect(answer?.isProblem == true)
        }
      }
    }
  }

  @Test func `a chunked body is read like any other`() async throws {
    try await withServer { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        wire.send("POST /things HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n")
        wire.send("Transfer-Encoding: chunked\r\n\r\n")
        for piece in [#"{"number":"#, #""A","copies":1}"#] {
          wire.send(String(piece.utf8.count, radix: 16) + ";x=y\r\n" + piece + "\r\n")
        }
        wire.send("0\r\n\r\n")
        #expect(try wire.receive()?.status == 201)
      }
    }
  }

  @Test func `a large body arrives whole`() async throws {
    var routes = Routes()
    routes.post("/sum", body: .types(["application/octet-stream"]), bodyLimit: 32 << 20) { request in
      .text("\(request.body.count) \(request.body.reduce(0) { ($0 &* 31) &+ Int($1) })")
    }
    let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try await withServer(quick(), routes) { server in
      let port = server.port
      try await offPool {
        let wire = try Wire(port: port)
        wire.send("POST /sum HTTP/1.1\r\nHost: t\r\nContent-Type: application/octet-stream\r\n")
        wire.send("Content-Length: \(bytes.count)\r\n\r\n")
        wire.send(bytes)
        #expect(try wire.receive()?.text == "5000000 \(bytes.reduce(0) { ($0 &* 31) &+ Int($1) })")
      }
    }
  }

  @Test(arguments: [1, 2]) func `every answer belongs to its request, on many connections at once`(
    threads: Int
  ) async throws {
    let notebook = Notebook()
    try await withServer(quick { $0.threads = threads }, sampleRoutes(), notebook) { server in
      let port = server.port
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<64 {
          group.addTask { try await offPool { try Self.converse(client, port) } }
        }
        try await group.waitForAll()
      }
    }
    #expect(notebook.all.count == 64 * 50)
    #expect(notebook.all.allSatisfy { $0.outcome == .completed && $0.route == "/things" })
  }

  private static func converse(_ client: Int, _ port: Int) throws {
    let wire = try Wire(port: port)
    for index in 0..<50 {
      let number = "c\(client)-\(index)"
      wire.send(
        request(
          "POST", "/things",
          ["Content-Type: application/json", "X-Key: k\(number)", "X-Request-Id: r\(number)"],
          #"{"number":"\#(number)","copies":1}"#))
      let answer = try wire.receive()
      #expect(answer?.text == #"{"number":"\#(number)","copies":1,"key":"k\#(number)"}"#)
      #expect(answer?.headers["x-request-id"] == "r\(number)")
    }
  }

  @Test func `a report names the template and no path`() async throws {
    let notebook = Notebook()
    try await withServer(quick(), sampleRoutes(), notebook) { server in
      _ = try await exchange(server, "GET", "/names/ann/parts/x")
      _ = try await exchange(server, "GET", "/nothing/ann")
    }
    #expect(notebook.all.map(\.route) == ["/names/{name}/parts/{part}", nil])
    #expect(notebook.all.map(\.status) == [.ok, .notFound])
    #expect(notebook.all.map(\.bytesSent)[0] == 11)
  }

  @Test func `IPv6 is served, and a taken port is an error that says so`() async throws {
    let server = try HTTPServer(ServerConfiguration(host: "::1", port: 0), Router(Routes()))
    #expect(server.port > 0)
    let taken = #expect(throws: ListenError.self) {
      try HTTPServer(ServerConfiguration(host: "::1", port: server.port), Router(Routes()))
    }
    #expect(taken?.description.contains("Address already in use") == true)
    #expect(throws: ListenError.self) {
      try HTTPServer(ServerConfiguration(host: "nowhere"), Router(Routes()))
    }
  }
}
