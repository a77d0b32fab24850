import Domain

/// The value of a field of a log line.
///
/// A log holds no personal data. Text that is computed cannot get in by accident: a literal, a number, an id
/// or an instant is written as it is, other text goes through `.masked` or, where the caller vouches that it
/// names no person, address or key, through `.vouched`.
public struct LogValue: Sendable, Equatable {
  enum Storage: Sendable, Equatable {
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    case text(String)
  }

  let storage: Storage

  public static func number(_ value: Double) -> LogValue { LogValue(storage: .number(value)) }
  public static func flag(_ value: Bool) -> LogValue { LogValue(storage: .flag(value)) }

  /// Text that the program made itself, such as a route's template or the name of a job.
  public static func vouched(_ text: String) -> LogValue { LogValue(storage: .text(text)) }

  /// Text about a person: at most the last two characters remain, `…42`. Short text vanishes.
  public static func masked(_ text: String) -> LogValue {
    .vouched("…" + (text.count >= 6 ? String(text.suffix(2)) : ""))
  }

  public static func count(_ value: some BinaryInteger) -> LogValue {
    LogValue(storage: .integer(Int64(clamping: value)))
  }
  public static func id<Entity>(_ id: ID<Entity>) -> LogValue { .vouched(id.description) }
  public static func time(_ time: Timestamp) -> LogValue { .vouched(time.description) }

  /// In seconds.
  public static func seconds(_ span: Duration) -> LogValue { .number(span / .seconds(1)) }

  /// What went wrong. Descriptions of our own errors are redacted where they are made; those of others are
  /// searched for what looks like an address or a phone number.
  public static func error(_ error: any Error) -> LogValue {
    .vouched(Redaction.scrub(String(describing: error)))
  }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  // StaticString keeps interpolated text out.
  public init(stringLiteral value: StaticString) { storage = .text(value.description) }
  public init(integerLiteral value: Int64) { storage = .integer(value) }
  public init(floatLiteral value: Double) { storage = .number(value) }
  public init(booleanLiteral value: Bool) { storage = .flag(value) }
}

/// The fields of a line in the order in which they were written; the keys are literals.
public struct LogFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public private(set) var pairs: [(key: String, value: LogValue)] = []

  public init(dictionaryLiteral elements: (StaticString, LogValue)...) {
    pairs = elements.map { ($0.0.description, $0.1) }
  }

  public mutating func append(_ key: StaticString, _ value: LogValue) {
    pairs.append((key.description, value))
  }

  public static func + (a: LogFields, b: LogFields) -> LogFields {
    var sum = a
    sum.pairs += b.pairs
    return sum
  }

  public static func == (a: LogFields, b: LogFields) -> Bool {
    a.pairs.elementsEqual(b.pairs) { $0.key == $1.key && $0.value == $1.value }
  }
}
