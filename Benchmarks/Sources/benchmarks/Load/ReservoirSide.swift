import Foundation

/// Our side: wrk over HTTP.
struct ReservoirSide: Side {
  let server: Server
  let pool: ReservoirPool

  private struct Result: Decodable {
    let duration: Double
    let requests: Int
    /// Answers of 400 and above.
    let status: Int
    /// Connections that broke or timed out.
    let broken: Int
    let median: Double
    let p99: Double
    let leased: Int
    let released: Int
    let refused: Int
    let leaseMedian: Double
  }

  /// Leases only. What counts is what the database holds afterwards.
  /// - Throws: if any request failed, or the answers and the database disagree.
  func run(connections: Int, seconds: Int) throws -> LoadResult {
    let before = try pool.leases()
    let start = ProcessorTime.now
    let result = try wrk(WrkScripts.leases(pool.dataset), connections, seconds)
    let spent = ProcessorTime.now - start
    guard result.status == 0, result.broken == 0, result.requests > 0 else {
      throw Failure(
        "\(result.status) of \(result.requests) lease requests were refused, \(result.broken) broke: "
          + (try refusal()))
    }
    let made = try pool.leases() - before
    // When wrk stops, each connection may have a request under way that it no longer counts.
    guard made <= result.requests + connections else {
      throw Failure("\(made) leases were made by \(result.requests) requests")
    }
    let counted = min(made, result.requests)
    return LoadResult(
      leasesPerSecond: Double(counted) / (result.duration / 1e6), median: result.median / 1_000,
      p99: result.p99 / 1_000, processorTime: spent.each(Double(counted)),
      heldShare: Double(result.requests - counted) / Double(result.requests))
  }

  /// Leases and releases in turn.
  /// - Returns: leases a second, and with one connection the median latency of the leases alone.
  func runWithReleases(connections: Int, seconds: Int) throws -> LoadResult {
    let result = try wrk(WrkScripts.leasesAndReleases(pool.dataset), connections, seconds)
    guard result.status == 0, result.broken == 0, result.refused == 0, result.leased > 0 else {
      throw Failure("\(result.status) requests were refused, \(result.broken) broke: \(try refusal())")
    }
    guard abs(result.leased - result.released) <= 2 * connections else {
      throw Failure("\(result.leased) leases but \(result.released) releases")
    }
    return LoadResult(
      leasesPerSecond: Double(result.leased) / (result.duration / 1e6), median: result.leaseMedian / 1_000)
  }

  private func wrk(_ script: String, _ connections: Int, _ seconds: Int) throws -> Result {
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

  /// What the server says to one such request, for the message.
  private func refusal() throws -> String {
    let lead = "\(Dataset.idPrefix)\(Dataset.firstLead)"
    let body = #"{"company":"Company \#(Dataset.firstCompany)","lead_id":"\#(lead)"}"#
    return try Program.run(
      Machine.program("curl"),
      [
        "-sS", "-X", "POST", "-H", "Authorization: Bearer \(Server.key)", "-H",
        "Content-Type: application/json", "-d", body, "\(server.url)/v1/leases",
      ], in: server.scratch)
  }
}
