/// One thing that a search asks of one field.
///
/// Texts are compared without regard to case and accents. A field that is not known passes `.noneOf` and
/// `.known(false)`, and nothing else.
public struct LeadCondition: Hashable, Sendable {
  public enum Test: Hashable, Sendable {
    case known(Bool)
    /// It is one of these; of a list, at least one entry is.
    case anyOf([LeadValue])
    /// Of a list: each of these is among its entries.
    case allOf([String])
    case noneOf([LeadValue])
    /// From one value to another, both included; not both nil.
    case between(LeadValue?, LeadValue?)
    case contains(String)
    case beginsWith(String)
  }

  /// The names of the tests in JSON, and which kinds of fields take them.
  public enum Operator: String, CaseIterable, Hashable, Sendable {
    case isKnown = "is_known"
    /// Of a flag.
    case `is`
    case anyOf = "any_of"
    case allOf = "all_of"
    case noneOf = "none_of"
    case min, max
    case contains
    case beginsWith = "begins_with"

    public func applies(to kind: LeadField.Kind) -> Bool {
      switch self {
      case .isKnown: true
      case .is: kind == .flag
      case .anyOf, .noneOf: [.text, .integer, .number, .date, .texts].contains(kind)
      case .allOf: kind == .texts
      case .min, .max: [.integer, .number, .date].contains(kind)
      case .contains, .beginsWith: kind == .text
      }
    }
  }

  public let field: LeadField
  public let test: Test

  /// How many values a test can name.
  public static let mostValues = 100
  /// Characters of a value.
  public static let longestValue = 200

  /// Nil when a field of this kind cannot be tested so, or a value is of another kind, or there are none.
  public init?(_ field: LeadField, _ test: Test) {
    let element: LeadField.Kind = field.kind == .texts ? .text : field.kind
    func fit(_ values: [LeadValue]) -> Bool {
      (1...Self.mostValues).contains(values.count) && values.allSatisfy { $0.kind == element }
    }
    let isFit: Bool =
      switch test {
      case .known: true
      case .anyOf(let values) where field.kind == .flag: fit(values)
      case .anyOf(let values): Operator.anyOf.applies(to: field.kind) && fit(values)
      case .noneOf(let values): Operator.noneOf.applies(to: field.kind) && fit(values)
      case .allOf(let values): field.kind == .texts && fit(values.map { .text($0) })
      case .between(let low, let high):
        Operator.min.applies(to: field.kind) && !(low == nil && high == nil)
          && fit([low, high].compactMap { $0 })
      case .contains(let text), .beginsWith(let text): field.kind == .text && !text.isEmpty
      }
    guard isFit else { return nil }
    self.field = field
    self.test = test
  }
}

extension LeadCondition: CustomStringConvertible {
  /// The field only: what is looked for may be personal.
  public var description: String { "condition on \(field)" }
}

extension LeadField.Kind {
  /// The tests that a field of this kind takes, as callers write them.
  public var operators: String {
    LeadCondition.Operator.allCases.filter { $0.applies(to: self) }.map(\.rawValue).joined(separator: ", ")
  }
}
