/// The value of one field.
public enum LeadValue: Hashable, Sendable {
  case text(String)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case date(CivilDate)
  case texts([String])
  /// JSON as text.
  case json(String)

  public var kind: LeadField.Kind {
    switch self {
    case .text: .text
    case .integer: .integer
    case .number: .number
    case .flag: .flag
    case .date: .date
    case .texts: .texts
    case .json: .json
    }
  }
}

/// What is known of a lead: a value for each field, or none.
///
///     var facts = LeadFacts()
///     facts[.email] = .text("ada@example.com")
///     facts.text(.email)
public struct LeadFacts: Hashable, Sendable {
  private var values: [LeadValue?]

  public init() { values = Array(repeating: nil, count: LeadField.all.count) }

  public subscript(field: LeadField) -> LeadValue? {
    get { values[field.ordinal] }
    set {
      precondition(newValue == nil || newValue?.kind == field.kind, "\(field) is not of this kind")
      values[field.ordinal] = newValue
    }
  }

  /// The fields that have a value, in the order of `LeadField.all`.
  public var known: [LeadField] { LeadField.all.filter { values[$0.ordinal] != nil } }

  public var isEmpty: Bool { values.allSatisfy { $0 == nil } }

  public func text(_ field: LeadField) -> String? {
    if case .text(let value) = self[field] { value } else { nil }
  }

  /// A whole number, or a number without its fraction when that fits.
  public func integer(_ field: LeadField) -> Int? {
    switch self[field] {
    case .integer(let value): value
    case .number(let value): Int(exactly: value.rounded(.towardZero))
    default: nil
    }
  }

  public func number(_ field: LeadField) -> Double? {
    switch self[field] {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  public func flag(_ field: LeadField) -> Bool? {
    if case .flag(let value) = self[field] { value } else { nil }
  }

  public func date(_ field: LeadField) -> CivilDate? {
    if case .date(let value) = self[field] { value } else { nil }
  }

  /// Empty when nothing is known.
  public func texts(_ field: LeadField) -> [String] {
    if case .texts(let value) = self[field] { value } else { [] }
  }

  /// JSON as text.
  public func json(_ field: LeadField) -> String? {
    if case .json(let value) = self[field] { value } else { nil }
  }
}

extension LeadFacts: CustomStringConvertible, CustomDebugStringConvertible {
  /// How much is known: facts are personal.
  public var description: String { "\(known.count) facts" }
  public var debugDescription: String { description }
}
