extension Problem.Kind {
  public static let badRequest = Problem.Kind("bad-request", "The request is malformed", .badRequest)
  public static let badJSON = Problem.Kind("bad-json", "The body is not JSON", .badRequest)
  public static let invalidParameter = Problem.Kind(
    "invalid-parameter", "A parameter is not acceptable", .badRequest)
  public static let validation = Problem.Kind("validation", "The body is not acceptable", .unprocessable)
  public static let unauthorized = Problem.Kind("unauthorized", "A valid key is needed", .unauthorized)
  public static let forbidden = Problem.Kind("forbidden", "This key may not do that", .forbidden)
  public static let notFound = Problem.Kind("not-found", "There is no such thing", .notFound)
  public static let methodNotAllowed = Problem.Kind(
    "method-not-allowed", "This method is not allowed here", .methodNotAllowed)
  public static let requestTimeout = Problem.Kind(
    "request-timeout", "The request did not arrive in time", .requestTimeout)
  public static let conflict = Problem.Kind("conflict", "The state does not allow that", .conflict)
  public static let payloadTooLarge = Problem.Kind(
    "payload-too-large", "The body is too large", .payloadTooLarge)
  public static let unsupportedMediaType = Problem.Kind(
    "unsupported-media-type", "The body's type is not accepted here", .unsupportedMediaType)
  public static let tooManyRequests = Problem.Kind("too-many-requests", "Too many requests", .tooManyRequests)
  public static let internalError = Problem.Kind("internal", "Something went wrong here", .internalError)
  public static let overloaded = Problem.Kind("overloaded", "Too busy just now", .unavailable)
  public static let deadlineExceeded = Problem.Kind(
    "deadline-exceeded", "The answer took too long", .unavailable)
  public static let shuttingDown = Problem.Kind("shutting-down", "This server is stopping", .unavailable)

  /// The kinds that this module itself makes or offers, for documents and contract tests.
  public static let builtIn: [Problem.Kind] = [
    .badRequest, .badJSON, .invalidParameter, .validation, .unauthorized, .forbidden, .notFound,
    .methodNotAllowed, .requestTimeout, .conflict, .payloadTooLarge, .unsupportedMediaType, .tooManyRequests,
    .internalError, .overloaded, .deadlineExceeded, .shuttingDown,
  ]
}

extension Problem {
  public static func notFound(_ detail: String) -> Problem { Problem(.notFound, detail) }

  /// 422 with one fault of the body.
  public static func validation(_ detail: String, pointer: String) -> Problem {
    Problem(.validation, faults: [Fault(detail, pointer: pointer)])
  }

  /// 401 that asks for a bearer token.
  public static func unauthorized(_ detail: String? = nil) -> Problem {
    Problem(.unauthorized, detail).with("WWW-Authenticate", "Bearer")
  }

  public static func methodNotAllowed(_ allowed: [Method]) -> Problem {
    Problem(.methodNotAllowed).with("Allow", allowed.map(\.rawValue).joined(separator: ", "))
  }

  public static func payloadTooLarge(limit: Int) -> Problem {
    Problem(.payloadTooLarge, "at most \(limit) bytes", extensions: ["limit_bytes": .int(limit)])
  }

  public static func unsupportedMediaType(_ accepted: [String]) -> Problem {
    Problem(.unsupportedMediaType, "expected \(accepted.joined(separator: " or "))")
  }

  static var deadlineExceeded: Problem { Problem(.deadlineExceeded).retry(after: .seconds(1)) }
  static var shuttingDown: Problem { Problem(.shuttingDown).retry(after: .seconds(1)) }

  /// 503 with `Retry-After`.
  public static func overloaded(retryAfter delay: Duration) -> Problem {
    Problem(.overloaded).retry(after: delay)
  }
}
