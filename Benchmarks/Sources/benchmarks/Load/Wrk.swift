import Foundation

/// wrk with one of our scripts.
struct Wrk {
  let server: Server

  struct Result: Decodable {
    let duration: Double
    let requests: Int
    /// Answers of 400 and above.
    let status: Int
    /// Connections that broke or timed out.
    let broken: Int
    /// Microseconds, as all latencies here.
    let median: Double
    let p99: Double
    let leased: Int
    let released: Int
    let refused: Int
    let leaseMedian: Double
  }

  func run(_ script: String, connections: Int, seconds: Int) throws -> Result {
    let file = try server.scratch.write(script, "wrk.lua")
    let output = try Program.run(
      Machine.program("wrk"),
      [
        "-t", "\(min(2, connections))", "-c", "\(connections)", "-d", "\(seconds)s", "--timeout", "30s",
        "-s", file, server.url, "--", "\(UInt32.random(in: 1...1_000_000))",
      ], in: server.scratch)
    guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("RESULT ") }) else {
      throw Failure("wrk gave no result: \(output.suffix(500))")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Result.self, from: Data(line.dropFirst(7).utf8))
  }

  /// - Throws: if any request failed.
  func runWell(_ script: String, connections: Int, seconds: Int) throws -> Result {
    let result = try run(script, connections: connections, seconds: seconds)
    guard result.status == 0, result.broken == 0, result.requests > 0 else {
      throw Failure("\(result.status) of \(result.requests) requests were refused, \(result.broken) broke")
    }
    return result
  }
}
