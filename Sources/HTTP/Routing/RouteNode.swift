/// A tree over path segments. A literal is preferred to a parameter.
final class RouteNode: Sendable {
  private let literals: [(segment: [UInt8], node: RouteNode)]
  private let parameter: RouteNode?
  /// The routes that end here, at most one for each method.
  let routes: [Route]

  init(_ routes: [Route], depth: Int = 0) {
    let here = routes.filter { $0.segments.count == depth }
    precondition(Set(here.map(\.method)).count == here.count, "one route for a method and template")
    var literals: [String: [Route]] = [:]
    var parameters: [Route] = []
    for route in routes where route.segments.count > depth {
      switch route.segments[depth] {
      case .literal(let text): literals[text, default: []].append(route)
      case .parameter: parameters.append(route)
      }
    }
    self.routes = here
    self.literals = literals.map { (Array($0.key.utf8), RouteNode($0.value, depth: depth + 1)) }
    parameter = parameters.isEmpty ? nil : RouteNode(parameters, depth: depth + 1)
  }

  struct BadEncoding: Error {}

  /// The node where `path` ends. `path` begins with a slash. Segments are split first, decoded then, so that
  /// an encoded slash stays inside its segment.
  func find(_ path: ArraySlice<UInt8>, _ values: inout [String]) throws(BadEncoding) -> RouteNode? {
    guard let slash = path.first, slash == UInt8(ascii: "/") else { return path.isEmpty ? self : nil }
    let rest = path.dropFirst()
    let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
    let raw = rest[..<end]
    if raw.contains(UInt8(ascii: "%")) {
      guard let text = Percent.decode(raw) else { throw BadEncoding() }
      return try descend(ArraySlice(text.utf8), text, rest[end...], &values)
    }
    return try descend(raw, nil, rest[end...], &values)
  }

  private func descend(
    _ segment: ArraySlice<UInt8>, _ text: String?, _ rest: ArraySlice<UInt8>, _ values: inout [String]
  ) throws(BadEncoding) -> RouteNode? {
    if let literal = literals.first(where: { $0.segment.elementsEqual(segment) }),
      let found = try literal.node.find(rest, &values)
    {
      return found
    }
    guard let parameter, !segment.isEmpty else { return nil }
    values.append(text ?? String(decoding: segment, as: UTF8.self))
    if let found = try parameter.find(rest, &values) { return found }
    values.removeLast()
    return nil
  }
}
