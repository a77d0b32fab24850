import Terminal

/// How the text of a setting is read and shown.
public struct SettingKind<Value: Sendable>: Sendable {
  /// What the text must be, such as `a duration such as 30s`.
  public let expected: String
  let parse: @Sendable (String) -> Value?
  let show: @Sendable (Value) -> String

  public init(
    expected: String, parse: @escaping @Sendable (String) -> Value?,
    show: @escaping @Sendable (Value) -> String
  ) {
    self.expected = expected
    self.parse = parse
    self.show = show
  }
}

extension SettingKind<String> {
  /// Any text that is not empty.
  public static var text: Self {
    Self(expected: "text", parse: { $0.isEmpty ? nil : $0 }, show: { $0 })
  }

  /// An address with scheme and host; shown without its password.
  public static var url: Self {
    Self(expected: "a URL such as https://example.com/path", parse: { isURL($0) ? $0 : nil }) {
      Redaction.maskSecrets($0)
    }
  }

  /// What libpq takes: a `postgresql://` URL or words such as `host=/run dbname=x`; shown without its
  /// password.
  public static var connection: Self {
    Self(
      expected: "a PostgreSQL connection string such as postgresql://user@host/database",
      parse: { text in
        let isPostgres = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
        return isPostgres || (!text.contains("://") && text.contains("=")) ? text : nil
      }, show: { Redaction.maskSecrets($0) })
  }

  private static func isURL(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z][A-Za-z0-9+.\-]*:\/\/[^\s\/?#]+[^\s]*/) != nil
  }
}

extension SettingKind<Int> {
  public static func integer(_ range: ClosedRange<Int> = 0 ... .max) -> Self {
    let expected =
      range.upperBound == .max
      ? "a whole number of at least \(range.lowerBound)"
      : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return Self(expected: expected, parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }) { "\($0)" }
  }

  /// Bytes: `1MB`, `64kB`, `512`.
  public static var size: Self {
    Self(expected: "a size such as 1MB", parse: HumanText.parseSize) { HumanText.size($0) }
  }
}

extension SettingKind<Bool> {
  /// `true`, `yes`, `on`, `1`, and their opposites.
  public static var boolean: Self {
    let words = [
      "true": true, "yes": true, "on": true, "1": true, "false": false, "no": false, "off": false, "0": false,
    ]
    return Self(expected: "true or false", parse: { words[$0.lowercased()] }) { "\($0)" }
  }
}

extension SettingKind<Duration> {
  /// `250ms`, `30s`, `18h`.
  public static var duration: Self {
    Self(expected: "a duration such as 30s", parse: HumanText.parseDuration) { HumanText.duration($0) }
  }
}

extension SettingKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the words of an enumeration.
  public static var word: Self {
    Self(
      expected: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
      parse: { Value(rawValue: $0) }, show: { $0.rawValue })
  }
}

extension SettingKind<LogLevel> {
  public static var logLevel: Self {
    Self(
      expected: "one of " + LogLevel.allCases.map(\.description).joined(separator: ", "),
      parse: { LogLevel($0) }, show: { $0.description })
  }
}

/// A text that must not be seen: it prints as `***`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself, for its one use.
  public let revealed: String

  public init(_ text: String) { revealed = text }

  public var description: String { "***" }
  public var debugDescription: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SettingKind<Secret> {
  public static var secret: Self {
    Self(expected: "a secret that is not empty", parse: { $0.isEmpty ? nil : Secret($0) }) { _ in "***" }
  }
}
