/// A named part of a command line: `--json`, `--limit 20`, `--limit=20`, `-n 20`.
public struct Option: Sendable {
  public let name: String
  public let short: Character?
  /// What stands for the value in the help, such as `N`; nil for a switch, which takes none.
  public let placeholder: String?
  public let help: String
  public let fallback: String?
  public let isRequired: Bool
  public let isRepeated: Bool

  /// A switch: present or not.
  public static func flag(_ name: String, short: Character? = nil, _ help: String) -> Option {
    Option(
      name: name, short: short, placeholder: nil, help: help, fallback: nil, isRequired: false,
      isRepeated: false)
  }

  /// An option with one value.
  public static func value(
    _ name: String, _ placeholder: String, short: Character? = nil, _ help: String,
    default fallback: String? = nil, required: Bool = false
  ) -> Option {
    precondition(fallback == nil || !required, "--\(name) is required and so needs no default")
    return Option(
      name: name, short: short, placeholder: placeholder, help: help, fallback: fallback,
      isRequired: required, isRepeated: false)
  }

  /// An option that may be given many times; its values keep their order.
  public static func values(
    _ name: String, _ placeholder: String, short: Character? = nil, _ help: String, required: Bool = false
  ) -> Option {
    Option(
      name: name, short: short, placeholder: placeholder, help: help, fallback: nil, isRequired: required,
      isRepeated: true)
  }

  var takesValue: Bool { placeholder != nil }
}

/// An unnamed part of a command line, taken by its place.
public struct Positional: Sendable {
  public let name: String
  public let help: String
  public let fallback: String?
  public let isRequired: Bool
  public let isRepeated: Bool

  public static func required(_ name: String, _ help: String) -> Positional {
    Positional(name: name, help: help, fallback: nil, isRequired: true, isRepeated: false)
  }

  public static func optional(
    _ name: String, _ help: String, default fallback: String? = nil
  ) -> Positional {
    Positional(name: name, help: help, fallback: fallback, isRequired: false, isRepeated: false)
  }

  /// All that are left: the last positional of a command.
  public static func rest(_ name: String, _ help: String, required: Bool = false) -> Positional {
    Positional(name: name, help: help, fallback: nil, isRequired: required, isRepeated: true)
  }
}
