import Runtime
import Terminal

extension SettingDeclaration {
  /// The setting as an option of a command; its default is told, and comes from the configuration.
  var option: Option {
    if self is Setting<Bool> { return .flag(name, help) }
    return .value(name, placeholder, help, default: shownDefault)
  }

  private var placeholder: String {
    switch self {
    case is Setting<Int>: name == Settings.bodyLimit.name ? "SIZE" : "N"
    case is Setting<Duration>: "TIME"
    case is Setting<ListenAddress>: "ADDRESS"
    case is Setting<LogLevel>: "LEVEL"
    case is Setting<Settings.LogForm>: "FORM"
    case is Setting<Secret?>: "KEY"
    default:
      switch name {
      case Settings.databaseURL.name: "URL"
      case Settings.dataDirectory.name: "DIRECTORY"
      default: "FILE"
      }
    }
  }
}

extension Configuration {
  static let standardFile = "reservoir.conf"

  /// The settings in force for a command line.
  ///
  /// - Throws: `UsageError` when only flags are wrong, else `ConfigurationError`; `CommandFailure` when a
  ///   file that was asked for cannot be read.
  init(_ invocation: Invocation, environment: [String: String]) throws {
    var flags: [String: String] = [:]
    for setting in Settings.all { flags[setting.name] = invocation.given[setting.name]?.last }
    let wanted = flags[Settings.configFile.name] ?? environment[Settings.configFile.variable]
    var file: ConfigurationFile?
    if let wanted, !wanted.isEmpty {
      guard let text = try TextFile.read(wanted) else {
        throw CommandFailure("there is no configuration file \(wanted)")
      }
      file = ConfigurationFile(path: wanted, text: text)
    } else if let text = try TextFile.read(Self.standardFile) {
      file = ConfigurationFile(path: Self.standardFile, text: text)
    }
    do {
      try self.init(Settings.all, flags: flags, environment: environment, file: file)
    } catch {
      guard error.problems.allSatisfy({ $0.hasPrefix("flag --") }) else { throw error }
      throw UsageError("\(error)", command: invocation.path)
    }
  }
}
