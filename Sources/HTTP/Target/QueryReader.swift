import JSON

/// Reads the parameters of a query, with the same habits as `JSONObjectReader`: read all, then call the
/// results.
public final class QueryReader {
  private let pairs: [(name: String, value: String)]
  private let allowed: [String]
  private var faults: [Problem.Fault] = []

  private init(_ pairs: [(name: String, value: String)], _ allowed: [String]) {
    self.pairs = pairs
    self.allowed = allowed
  }

  public func required<Value>(_ name: String, _ shape: TextShape<Value>) -> Checked<Value> {
    guard let text = text(name) else {
      refuse(name, "required")
      return Checked(nil)
    }
    return parse(name, text, shape)
  }

  public func optional<Value>(_ name: String, _ shape: TextShape<Value>) -> Checked<Value?> {
    guard let text = text(name) else { return Checked(.some(nil)) }
    return Checked((parse(name, text, shape) as Checked<Value>).optional)
  }

  public func optional<Value>(
    _ name: String, _ shape: TextShape<Value>, default fallback: Value
  ) -> Checked<Value> {
    guard let text = text(name) else { return Checked(fallback) }
    return parse(name, text, shape)
  }

  /// Records a fault of one parameter.
  public func refuse(_ name: String, _ detail: String) {
    faults.append(Problem.Fault(detail, parameter: name))
  }

  private func text(_ name: String) -> String? {
    precondition(allowed.contains(name), "the route does not declare this query parameter")
    return pairs.first { $0.name == name }?.value
  }

  private func parse<Value>(_ name: String, _ text: String, _ shape: TextShape<Value>) -> Checked<Value> {
    if let value = shape.parse(text) { return Checked(value) }
    refuse(name, "expected \(shape.expected)")
    return Checked(nil)
  }

  static func read<Value>(
    _ target: Target, allowed: [String], _ body: (QueryReader) throws -> Value
  ) throws -> Value {
    let reader = QueryReader(try Query.parse(target, allowed: allowed), allowed)
    do {
      let value = try body(reader)
      if reader.faults.isEmpty { return value }
    } catch is JSONFault {
      precondition(!reader.faults.isEmpty, "a result without value always has its fault recorded")
    }
    throw Problem(.invalidParameter, faults: reader.faults)
  }
}

extension Checked {
  /// For a result that may also be absent: the value wrapped once more.
  fileprivate var optional: Value?? { isValid ? .some(try? self()) : nil }
}
