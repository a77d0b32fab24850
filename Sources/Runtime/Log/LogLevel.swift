/// How much a line matters. A log shows its level and everything above.
public enum LogLevel: Int, Comparable, CaseIterable, Sendable, CustomStringConvertible {
  /// Every step; for finding a fault.
  case debug
  /// What an operator wants to read later: started, stopped, a job's result.
  case info
  /// Something is wrong and the server goes on by itself.
  case warning
  /// Somebody must act.
  case error

  public var description: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }

  public init?(_ text: String) {
    guard let level = Self.allCases.first(where: { $0.description == text }) else { return nil }
    self = level
  }

  public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}
