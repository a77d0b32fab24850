import HTTP
import JSON
import Synchronization

/// Remembers what the server tells its observer.
final class Notebook: RequestObserver {
  private let reports = Mutex<[RequestReport]>([])
  private let failures = Mutex<[String]>([])

  func requestEnded(_ report: RequestReport) { reports.withLock { $0.append(report) } }
  func requestFailed(id: String, route: Route, error: any Error) {
    failures.withLock { $0.append("\(id) \(route.template) \(error)") }
  }

  var all: [RequestReport] { reports.withLock { $0 } }
  var failed: [String] { failures.withLock { $0 } }
}

/// Opens once; whoever waits for it then goes on.
final class Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  init() { (stream, continuation) = AsyncStream.makeStream() }
  func open() { continuation.finish() }
  func wait() async { for await _ in stream {} }
}

struct Broken: Error {}

/// What the tests' handlers wait for and tell.
struct Hooks: Sendable {
  let started = Signal()
  let release = Signal()
  let cancelled = Signal()
}

func sampleRoutes(_ hooks: Hooks = Hooks()) -> Routes {
  var routes = Routes()
  routes.get("/healthz") { _ in .text("ok") }
  routes.get("/things/{id}") { request in
    let id = try request.parameters.value("id", .int(0...1_000_000))
    return .json { writer in writer.object { $0.field("id", id) } }
  }
  routes.delete("/things/{id}") { _ in .noContent }
  routes.get("/names/{name}/parts/{part}") { request in
    .json([request.parameters["name"], request.parameters["part"]])
  }
  routes.get("/things", query: ["colour"] + PageRequest.parameters) { request in
    let page = try request.query { query in
      let colour = query.optional("colour", .string(1...10))
      let page = query.page(of: "things", keys: 1)
      _ = try colour()
      return try page()
    }
    let first = (page.after?.first).flatMap { Int($0) } ?? 0
    let rows = Array((first + 1...250).prefix(page.fetch))
    return page.page(rows) { [String($0)] }.response { $0.value($1) }
  }
  routes.post("/things") { request in
    await Task.yield()
    let (number, copies) = try request.json { object in
      let number = object.required("number", .string(1...20))
      let copies = object.required("copies", .int(1...9))
      return try (number(), copies())
    }
    return .json(.created) { writer in
      writer.object {
        $0.field("number", number)
        $0.field("copies", copies)
        $0.field("key", request.header("x-key"))
      }
    }
    .at("/things/1")
  }
  routes.post("/files", body: .types(["text/csv"]), bodyLimit: 100) { .text("\($0.body.count)") }
  routes.post("/action", body: .none) { _ in .noContent }
  routes.get("/broken") { _ in throw Broken() }
  routes.get("/conflict") { _ in
    throw Problem(.conflict, "taken", extensions: ["free_at": nil]).retry(after: .milliseconds(1500))
  }
  routes.get("/slow") { request in
    hooks.started.open()
    do {
      try await withTaskCancellationHandler {
        await hooks.release.wait()
        try Task.checkCancellation()
      } onCancel: {
        hooks.cancelled.open()
        hooks.release.open()
      }
    }
    return .text("slow " + (request.header("x-key") ?? ""))
  }
  return routes
}

/// A configuration with which bounds in time are met within a test.
func quick(_ change: (inout ServerConfiguration) -> Void = { _ in }) -> ServerConfiguration {
  var configuration = ServerConfiguration(port: 0)
  configuration.drainTimeout = .seconds(5)
  change(&configuration)
  return configuration
}

/// Lends a running server; afterwards it is stopped, and nothing of it may be left.
@discardableResult
func withServer(
  _ configuration: ServerConfiguration = quick(), _ routes: Routes = sampleRoutes(),
  _ observer: any RequestObserver = SilentObserver(), _ body: (HTTPServer) async throws -> Void
) async throws -> DrainReport {
  let server = try HTTPServer(configuration, Router(routes, observer: observer))
  let running = Task { try await server.run() }
  do {
    try await body(server)
  } catch {
    running.cancel()
    _ = try await running.value
    throw error
  }
  running.cancel()
  let report = try await running.value
  precondition(server.connectionCount == 0, "every connection ends with the server")
  return report
}

/// One request over a fresh connection.
func exchange(
  _ server: HTTPServer, _ method: String, _ target: String, headers: [String] = [], body: String = ""
) async throws -> Answer? {
  let port = server.port
  return try await offPool {
    let wire = try Wire(port: port)
    wire.send(request(method, target, headers, body))
    return try wire.receive(head: method == "HEAD")
  }
}

func request(_ method: String, _ target: String, _ headers: [String] = [], _ body: String = "") -> String {
  var lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + headers
  if !body.isEmpty || method == "POST" { lines.append("Content-Length: \(body.utf8.count)") }
  return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
}
