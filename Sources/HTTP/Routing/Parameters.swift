import JSON

/// The values of a template's parameters, decoded.
public struct Parameters: Sendable {
  private let names: [String]
  private let values: [String]

  init(names: [String], values: [String]) {
    self.names = names
    self.values = values
  }

  /// The text of a parameter. A name that the template does not have is a mistake of the program.
  public subscript(_ name: String) -> String {
    guard let index = names.firstIndex(of: name) else {
      preconditionFailure("the template has no such parameter")
    }
    return values[index]
  }

  /// A parameter of some type.
  ///
  /// - Throws: `Problem` invalid-parameter (400).
  public func value<Value>(_ name: String, _ shape: TextShape<Value>) throws(Problem) -> Value {
    if let value = shape.parse(self[name]) { return value }
    throw Problem(
      .invalidParameter, faults: [Problem.Fault("expected \(shape.expected)", parameter: name)])
  }
}

/// A route and the parameters that a path gave it.
struct RouteMatch: Sendable {
  let route: Route
  let parameters: Parameters
}
