/// A declared setting: its name, which is also its flag (`--http-port`), its key in the file (`http-port`)
/// and its variable (`RESERVOIR_HTTP_PORT`).
///
/// ```swift
/// static let port = Setting("port", .integer(1...65_535), default: 8_080, "The port to listen on.")
/// static let apiKey = Setting("api-key", .secret, "A key with the role operator.")  // may be absent
/// ```
public struct Setting<Value: Sendable>: SettingDeclaration {
  public let name: String
  public let help: String
  public let expected: String
  public let shownDefault: String?
  private let fallback: Value
  private let read: @Sendable (String) -> (Value, String)?

  /// A setting with a default.
  public init(_ name: String, _ kind: SettingKind<Value>, default fallback: Value, _ help: String) {
    self.name = name
    self.help = help
    self.fallback = fallback
    expected = kind.expected
    shownDefault = kind.show(fallback)
    read = { text in kind.parse(text).map { ($0, kind.show($0)) } }
  }

  /// A setting that may be absent.
  public init<Wrapped: Sendable>(
    _ name: String, _ kind: SettingKind<Wrapped>, _ help: String
  ) where Value == Wrapped? {
    self.name = name
    self.help = help
    fallback = nil
    expected = kind.expected
    shownDefault = nil
    read = { text in kind.parse(text).map { ($0, kind.show($0)) } }
  }

  public var defaultValue: any Sendable { fallback }

  public func parse(_ text: String) -> (value: any Sendable, shown: String)? {
    read(text).map { ($0.0, $0.1) }
  }
}

/// A setting of any type, for lists of them.
public protocol SettingDeclaration: Sendable {
  var name: String { get }
  var help: String { get }
  /// What the text must be.
  var expected: String { get }
  /// Nil when it may be absent.
  var shownDefault: String? { get }
  var defaultValue: any Sendable { get }
  /// The value and its masked form; nil when the text is not what is expected.
  func parse(_ text: String) -> (value: any Sendable, shown: String)?
}

extension SettingDeclaration {
  /// The variable of the environment.
  public var variable: String { "RESERVOIR_" + name.uppercased().replacing("-", with: "_") }
}
