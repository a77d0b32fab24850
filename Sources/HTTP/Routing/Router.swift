import JSON

/// Finds the route of a request, holds it to the route's rules, and turns whatever happens into an answer.
public final class Router: Sendable {
  /// All routes in the order of their registration, for contract tests.
  public let routes: [Route]
  /// What every problem's `type` begins with.
  public let problemBase: String
  let observer: any RequestObserver
  private let root: RouteNode

  public init(
    _ routes: Routes, problemBase: String = "urn:problem:", observer: any RequestObserver = SilentObserver()
  ) {
    self.routes = routes.list
    self.problemBase = problemBase
    self.observer = observer
    root = RouteNode(routes.list)
  }

  // MARK: By the header

  func admit(method name: String, target bytes: [UInt8]) -> Admission {
    guard let target = Target(bytes) else {
      return .refused(Problem(.badRequest, "the target is not a valid path"))
    }
    var values: [String] = []
    let node: RouteNode?
    do {
      node = try root.find(target.bytes[target.pathRange], &values)
    } catch {
      return .refused(Problem(.badRequest, "the path has a bad percent-encoding"))
    }
    guard let node, !node.routes.isEmpty else { return .refused(Problem(.notFound, "no such path")) }
    let method = Method(rawValue: name)
    let wanted = method == .head ? .get : method
    if let method, let route = node.routes.first(where: { $0.method == wanted || $0.method == method }) {
      let parameters = Parameters(names: route.parameterNames, values: values)
      return .route(RouteMatch(route: route, parameters: parameters), method, target)
    }
    let allowed = Self.allowed(node.routes)
    return method == .options ? .options(allowed) : .refused(.methodNotAllowed(allowed))
  }

  private static func allowed(_ routes: [Route]) -> [Method] {
    let methods = Set(routes.map(\.method))
    return Method.allCases.filter {
      methods.contains($0) || $0 == .options || ($0 == .head && methods.contains(.get))
    }
  }

  // MARK: The whole request

  func respond(_ request: Request) async -> Response {
    do {
      try check(request)
      return try await request.route.handler(request)
    } catch let problem as Problem {
      return answer(problem, request.id)
    } catch is CancellationError {
      return answer(.deadlineExceeded, request.id)
    } catch {
      observer.requestFailed(id: request.id, route: request.route, error: error)
      return answer(Problem(.internalError), request.id)
    }
  }

  func answer(_ problem: Problem, _ id: String) -> Response { problem.response(base: problemBase, id: id) }

  func answer(_ admission: Admission, _ id: String) -> Response? {
    switch admission {
    case .route: nil
    case .options(let methods):
      Response(.noContent).with("Allow", methods.map(\.rawValue).joined(separator: ", "))
    case .refused(let problem): answer(problem, id)
    }
  }

  private func check(_ request: Request) throws {
    let route = request.route
    if !request.core.target.queryRange.isEmpty {
      _ = try Query.parse(request.core.target, allowed: route.query)
    }
    guard !request.body.isEmpty else { return }
    switch (route.body, request.media) {
    case (.json, .json): break
    case (.json, _): throw Problem.unsupportedMediaType([ContentType.json])
    case (.types(let types), .json) where types.contains(ContentType.json): break
    case (.types(let types), .other(let type)) where types.contains(type): break
    case (.types(let types), _): throw Problem.unsupportedMediaType(types)
    case (.none, _): throw Problem(.unsupportedMediaType, "no body is expected here")
    }
  }
}
