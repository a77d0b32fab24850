import Terminal

/// The settings in force: flags over environment over file over default.
public struct Configuration: Sendable {
  public enum Source: Sendable, Equatable, CustomStringConvertible {
    case flag(String)
    case environment(String)
    case file(String, line: Int)
    case fallback

    public var description: String {
      switch self {
      case .flag(let name): "flag --\(name)"
      case .environment(let variable): "environment \(variable)"
      case .file(let path, let line): "\(path):\(line)"
      case .fallback: "default"
      }
    }
  }

  /// A setting, its value with secrets masked (nil when absent), and where it came from.
  public struct Resolved: Sendable {
    public let name: String
    public let shown: String?
    public let source: Source
    public let help: String
  }

  /// In the order of their declaration.
  public let resolved: [Resolved]
  /// Variables that begin like ours and are no setting, each with the nearest setting's variable: worth a
  /// warning, since a slip in a name would pass in silence.
  public let unknownVariables: [(name: String, nearest: String?)]
  private let values: [String: any Sendable]

  /// - Parameters:
  ///   - flags: by name of the setting; other names are not looked at.
  ///   - environment: the whole environment of the process.
  /// - Throws: every problem that was found, not only the first.
  public init(
    _ settings: [any SettingDeclaration], flags: [String: String] = [:], environment: [String: String] = [:],
    file: ConfigurationFile? = nil
  ) throws(ConfigurationError) {
    precondition(Set(settings.map(\.name)).count == settings.count, "a setting is declared twice")
    var problems = file?.problems ?? []
    problems += Self.unknownNames(of: file, settings)
    var values: [String: any Sendable] = [:]
    var resolved: [Resolved] = []
    for setting in settings {
      let (text, source) = Self.find(setting, flags, environment, file)
      guard let text else {
        values[setting.name] = setting.defaultValue
        resolved.append(
          Resolved(name: setting.name, shown: setting.shownDefault, source: source, help: setting.help))
        continue
      }
      guard let (value, shown) = setting.parse(text) else {
        problems.append("\(source): \(setting.name): expected \(setting.expected)")
        continue
      }
      values[setting.name] = value
      resolved.append(Resolved(name: setting.name, shown: shown, source: source, help: setting.help))
    }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    self.values = values
    self.resolved = resolved
    let variables = settings.map(\.variable)
    unknownVariables = environment.keys.sorted()
      .filter { $0.hasPrefix("RESERVOIR_") && !variables.contains($0) }
      .map { ($0, nearest(to: $0, in: variables)) }
  }

  public subscript<Value>(_ setting: Setting<Value>) -> Value {
    guard let value = values[setting.name] as? Value else {
      preconditionFailure("\(setting.name) is not among the settings of this configuration")
    }
    return value
  }

  /// Where the value of a setting came from.
  public func source(of setting: some SettingDeclaration) -> Source {
    resolved.first { $0.name == setting.name }?.source ?? .fallback
  }

  private static func find(
    _ setting: any SettingDeclaration, _ flags: [String: String], _ environment: [String: String],
    _ file: ConfigurationFile?
  ) -> (String?, Source) {
    if let text = flags[setting.name] { return (text, .flag(setting.name)) }
    // An empty variable is how a container says "not set".
    if let text = environment[setting.variable], !text.isEmpty {
      return (text, .environment(setting.variable))
    }
    if let file, let entry = file.entries.first(where: { $0.name == setting.name }) {
      return (entry.value, .file(file.path, line: entry.line))
    }
    return (nil, .fallback)
  }

  private static func unknownNames(
    of file: ConfigurationFile?, _ settings: [any SettingDeclaration]
  ) -> [String] {
    guard let file else { return [] }
    let names = settings.map(\.name)
    return file.entries.filter { !names.contains($0.name) }.map { entry in
      let hint = nearest(to: entry.name, in: names).map { "; did you mean '\($0)'?" } ?? ""
      return "\(file.path):\(entry.line): unknown setting '\(visible(entry.name))'\(hint)"
    }
  }
}

/// What is wrong with the settings; values are not repeated, since they may be secret.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  public let problems: [String]
  public var description: String { problems.joined(separator: "\n") }
}

extension Configuration: CustomStringConvertible, CustomReflectable {
  /// One line for each setting, secrets masked.
  public var description: String {
    resolved.map { "\($0.name) = \($0.shown ?? "") (\($0.source))" }.joined(separator: "\n")
  }

  public var customMirror: Mirror { Mirror(self, children: ["resolved": resolved]) }
}
