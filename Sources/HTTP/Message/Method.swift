/// The methods that a route can have. A request with another one is refused with 405.
public enum Method: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"

  /// Whether requests of this method usually carry a body.
  var carriesBody: Bool { self == .post || self == .put || self == .patch }
}
