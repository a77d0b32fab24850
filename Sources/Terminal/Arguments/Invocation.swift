/// A command line that was understood: which command, and its values.
///
/// Asking for a name that the command does not declare is a fault of the program and stops it.
public struct Invocation: Sendable {
  /// The names from the root to the command, without the program's: `["numbers", "import"]`.
  public let path: [String]
  /// What was written on the command line, without defaults, by name; a switch has the value `true`.
  public let given: [String: [String]]
  let defaults: [String: String]
  let declared: Set<String>

  /// Whether a switch is present.
  public func flag(_ name: String) -> Bool { values(name).last == "true" }

  /// Every value of a repeated option or positional, in order; for others none or one.
  public func values(_ name: String) -> [String] {
    precondition(declared.contains(name), "the command does not declare \(name)")
    return given[name] ?? defaults[name].map { [$0] } ?? []
  }

  /// The value or default of an option or positional that may be absent.
  public func optional(_ name: String) -> String? { values(name).last }

  /// The value of something that is required or has a default.
  public func text(_ name: String) -> String {
    guard let value = optional(name) else { preconditionFailure("\(name) is optional: use optional()") }
    return value
  }

  /// The value as a number or any other type that is made from text; nil when absent.
  ///
  /// - Parameter expected: what to say was expected, such as `a whole number`.
  public func optional<Value: LosslessStringConvertible>(
    _ name: String, as type: Value.Type, expected: String
  ) throws(UsageError) -> Value? {
    try optional(name, expected: expected) { Value($0) }
  }

  /// The value as `parse` reads it; nil when absent. A text that it does not understand is a usage error.
  public func optional<Value>(
    _ name: String, expected: String, parse: (String) -> Value?
  ) throws(UsageError) -> Value? {
    guard let text = optional(name) else { return nil }
    guard let value = parse(text) else {
      throw UsageError("\(label(name)): expected \(expected), not '\(visible(text))'", command: path)
    }
    return value
  }

  /// A whole number within `range`, from an option that is required or has a default.
  public func integer(_ name: String, in range: ClosedRange<Int> = .min ... .max) throws(UsageError) -> Int {
    guard let value = try optionalInteger(name, in: range) else {
      preconditionFailure("\(name) is optional: use optionalInteger()")
    }
    return value
  }

  public func optionalInteger(
    _ name: String, in range: ClosedRange<Int> = .min ... .max
  ) throws(UsageError) -> Int? {
    try optional(name, expected: Self.describe(range)) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// One of a fixed set of words.
  public func choice<Value: RawRepresentable & CaseIterable>(
    _ name: String, of type: Value.Type
  ) throws(UsageError) -> Value where Value.RawValue == String {
    let words = Value.allCases.map(\.rawValue)
    let value = try optional(name, expected: "one of " + words.joined(separator: ", ")) {
      Value(rawValue: $0)
    }
    guard let value else { preconditionFailure("\(name) is optional") }
    return value
  }

  private func label(_ name: String) -> String { isOption(name) ? "--\(name)" : "<\(name)>" }
  private func isOption(_ name: String) -> Bool { !positionalNames.contains(name) }
  let positionalNames: Set<String>

  private static func describe(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): "a whole number"
    case (let low, .max): "a whole number of at least \(low)"
    case (.min, let high): "a whole number of at most \(high)"
    case (let low, let high): "a whole number from \(low) to \(high)"
    }
  }
}

/// The command line is wrong: exit code 2, and nothing was done.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  public let description: String
  /// The command that was understood before the mistake, for the pointer to its help.
  public let command: [String]

  public init(_ description: String, command: [String] = []) {
    self.description = description
    self.command = command
  }
}
