import HTTP
import Testing

@Suite struct RoutingTests {
  @Test func `routes can be listed for a contract`() {
    let list = Router(sampleRoutes()).routes.map { "\($0.method.rawValue) \($0.template)" }
    #expect(list.contains("GET /names/{name}/parts/{part}"))
    #expect(list.count == sampleRoutes().list.count)
  }

  @Test func `a literal is preferred to a parameter, and a dead end is left again`() async {
    var routes = Routes()
    routes.get("/a/{x}") { .text("x=" + $0.parameters["x"]) }
    routes.get("/a/b") { _ in .text("b") }
    routes.get("/a/b/c") { _ in .text("bc") }
    routes.get("/a/{x}/d") { .text("d" + $0.parameters["x"]) }
    let router = Router(routes)
    for (target, body) in [("/a/b", "b"), ("/a/q", "x=q"), ("/a/b/c", "bc"), ("/a/b/d", "db")] {
      #expect(await router.respond("GET", target).body == Array(body.utf8))
    }
  }

  @Test func `middleware wraps from the outside in and may answer itself`() async {
    struct Caller { var name: String }
    var routes = Routes()
    let outer: Middleware = { request, next in
      try await next(request.noting(Caller(name: "ann"))).with("X-Outer", "1")
    }
    let inner: Middleware = { request, next in
      if request.header("x-stop") != nil { throw Problem.unauthorized() }
      return try await next(request)
    }
    routes.group([outer, inner]) { routes in
      routes.get("/who") { .text($0.note(Caller.self)?.name ?? "nobody") }
    }
    routes.get("/open") { .text($0.note(Caller.self)?.name ?? "nobody") }
    let router = Router(routes)
    let answer = await router.respond("GET", "/who")
    #expect(answer.body == Array("ann".utf8))
    #expect(answer.header("x-outer") == "1")
    #expect(await router.respond("GET", "/open").body == Array("nobody".utf8))
    let stopped = await router.respond("GET", "/who", headers: [("X-Stop", "1")])
    #expect(stopped.status == .unauthorized)
    #expect(stopped.header("www-authenticate") == "Bearer")
  }

  @Test func `two routes of the same method and template are a mistake of the program`() async {
    await #expect(processExitsWith: .failure) {
      var routes = Routes()
      routes.get("/a/{x}") { _ in .noContent }
      routes.get("/a/{y}") { _ in .noContent }
      _ = Router(routes)
    }
  }

  @Test func `problem types begin with the base`() async {
    let router = Router(sampleRoutes(), problemBase: "https://example.com/p/")
    let body = await router.respond("GET", "/none").body
    #expect(String(decoding: body, as: UTF8.self).contains(#""type":"https://example.com/p/not-found""#))
  }

  @Test func `the built-in kinds have distinct names`() {
    #expect(Set(Problem.Kind.builtIn.map(\.slug)).count == Problem.Kind.builtIn.count)
  }
}
