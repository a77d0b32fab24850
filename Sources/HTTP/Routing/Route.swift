/// Answers a request. A thrown `Problem` is the answer; any other error becomes a 500 that tells only the id.
/// A trap cannot be caught: it ends the process, and another must take over.
///
/// A handler runs on the polling thread of its connection, also after it waited, and so does what it calls
/// without an executor of its own. It must not block, and one that computes for longer than about a
/// millisecond belongs to a `heavy` route. Requests with bodies above 16 KiB are treated as heavy anyway.
public typealias Handler = @Sendable (Request) async throws -> Response

/// Stands before handlers: may answer itself, change the request or the answer, or call on.
public typealias Middleware = @Sendable (_ request: Request, _ next: Handler) async throws -> Response

/// What a route wants to find in the body.
public enum BodyRule: Sendable, Equatable {
  /// A body is refused with 415.
  case none
  /// A non-empty body must be `application/json`.
  case json
  /// A non-empty body must be one of these media types.
  case types([String])
}

/// One method on one template, and who answers.
public struct Route: Sendable {
  public let method: Method
  /// E.g. `/v1/leases/{id}`: literal segments and parameters in braces.
  public let template: String
  /// The query parameters that are allowed; others are refused with 400.
  public let query: [String]
  public let body: BodyRule
  /// Bytes; nil: the server's default.
  public let bodyLimit: Int?
  /// The handler runs on the shared pool rather than on a polling thread.
  public let isHeavy: Bool
  let handler: Handler
  let segments: [Segment]

  enum Segment: Sendable, Hashable {
    case literal(String)
    case parameter(String)
  }

  init(
    _ method: Method, _ template: String, query: [String], body: BodyRule, bodyLimit: Int?,
    heavy: Bool, handler: @escaping Handler
  ) {
    precondition(template.hasPrefix("/"), "a template begins with a slash")
    self.method = method
    self.template = template
    self.query = query
    self.body = body
    self.bodyLimit = bodyLimit
    isHeavy = heavy
    self.handler = handler
    segments = template.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.hasPrefix("{") && part.hasSuffix("}")
        ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
    }
  }

  var parameterNames: [String] {
    segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
  }
}
