import Postgres

/// `reservoir serve` as a process of its own, on a port of its own, ready to be asked.
public final class LiveServer: Sendable {
  /// An operator's key that it accepts.
  public static let key = "an-operators-key-for-tests-0123456789"
  /// What such a caller sends.
  public static let authorization = [("Authorization", "Bearer \(key)")]

  public let process: ServerProcess
  public let port: UInt16

  /// - Parameter arguments: where its database is, and settings that differ from the defaults.
  public init(_ arguments: [String], within limit: Duration = .seconds(120)) async throws {
    process = try ServerProcess(
      ["serve", "--listen", "127.0.0.1:0", "--log-format", "json"] + arguments,
      environment: ["RESERVOIR_API_KEY": Self.key])
    let line = try await process.line(containing: "listening on", within: limit)
    guard let port = line.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap({ UInt16($0.1) }) else {
      throw ServerProcess.Silence(description: "no address in \(line)")
    }
    self.port = port
  }

  /// On a database that exists.
  public convenience init(database: String, _ arguments: [String] = []) async throws {
    try await self.init(["--database-url", database] + arguments)
  }

  /// Runs another command of the program to its end.
  package static func command(
    _ arguments: [String], within limit: Duration = .seconds(120)
  ) async throws -> (status: ExitStatus, output: String) {
    let process = try ServerProcess(arguments)
    let status = try await process.ended(within: limit)
    try await process.outputEnded(within: limit)
    return (status, process.lines.joined(separator: "\n"))
  }
}
