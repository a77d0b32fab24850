import Foundation

/// Our side: wrk over HTTP.
struct ReservoirSide: Side {
  let server: Server
  let pool: ReservoirPool

  /// Leases only. What counts is what the database holds afterwards.
  /// - Throws: if any request failed, or the answers and the database disagree.
  func run(connections: Int, seconds: Int) throws -> LoadResult {
    let before = try pool.leases()
    let start = ProcessorTime.now
    let result = try Wrk(server: server).run(
      WrkScripts.leases(pool.dataset), connections: connections, seconds: seconds)
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
    let result = try Wrk(server: server).run(
      WrkScripts.leasesAndReleases(pool.dataset), connections: connections, seconds: seconds)
    guard result.status == 0, result.broken == 0, result.refused == 0, result.leased > 0 else {
      throw Failure("\(result.status) requests were refused, \(result.broken) broke: \(try refusal())")
    }
    guard abs(result.leased - result.released) <= 2 * connections else {
      throw Failure("\(result.leased) leases but \(result.released) releases")
    }
    return LoadResult(
      leasesPerSecond: Double(result.leased) / (result.duration / 1e6), median: result.leaseMedian / 1_000)
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
