/// A list of routes under construction:
///
///     var routes = Routes()
///     routes.get("/healthz") { _ in .text("ok") }
///     routes.group([authenticate]) { routes in
///       routes.post("/v1/orders") { request in … }
///       routes.get("/v1/orders/{id}", query: ["expand"]) { request in … }
///     }
public struct Routes: Sendable {
  public private(set) var list: [Route] = []

  public init() {}

  public mutating func add(
    _ method: Method, _ template: String, query: [String] = [], body: BodyRule? = nil, bodyLimit: Int? = nil,
    heavy: Bool = false, _ handler: @escaping Handler
  ) {
    list.append(
      Route(
        method, template, query: query, body: body ?? (method.carriesBody ? .json : .none),
        bodyLimit: bodyLimit,
        heavy: heavy, handler: handler))
  }

  /// Serves HEAD too.
  public mutating func get(
    _ template: String, query: [String] = [], heavy: Bool = false, _ handler: @escaping Handler
  ) { add(.get, template, query: query, heavy: heavy, handler) }

  public mutating func post(
    _ template: String, query: [String] = [], body: BodyRule = .json, bodyLimit: Int? = nil,
    heavy: Bool = false, _ handler: @escaping Handler
  ) { add(.post, template, query: query, body: body, bodyLimit: bodyLimit, heavy: heavy, handler) }

  public mutating func put(_ template: String, query: [String] = [], _ handler: @escaping Handler) {
    add(.put, template, query: query, handler)
  }

  public mutating func patch(_ template: String, query: [String] = [], _ handler: @escaping Handler) {
    add(.patch, template, query: query, handler)
  }

  public mutating func delete(
    _ template: String, query: [String] = [], body: BodyRule = .none, _ handler: @escaping Handler
  ) { add(.delete, template, query: query, body: body, handler) }

  /// Routes behind middleware; the first one given is the outermost.
  public mutating func group(_ middleware: [Middleware], _ build: (inout Routes) -> Void) {
    var inner = Routes()
    build(&inner)
    for route in inner.list {
      let handler = middleware.reversed().reduce(route.handler) { next, layer in
        { request in try await layer(request, next) }
      }
      add(
        route.method, route.template, query: route.query, body: route.body, bodyLimit: route.bodyLimit,
        heavy: route.isHeavy, handler)
    }
  }
}
