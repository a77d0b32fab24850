/// What the header alone decides about a request.
enum Admission: Sendable {
  case route(RouteMatch, Method, Target)
  /// `OPTIONS` on a known path: the methods that it has.
  case options([Method])
  case refused(Problem)

  var match: RouteMatch? { if case .route(let match, _, _) = self { match } else { nil } }
}
