import Foundation

/// Everything that rows share: the cluster, the server, both pools. Made once a run.
final class Bench {
  let plan: Plan
  let reservoir: String
  let scratch: Scratch
  let server: Server
  let cluster: Cluster
  let ours: ReservoirSide
  /// Resident kilobytes of the server after its start, before any load.
  let idleMemory: Double
  private var document: DocumentSide?

  init(_ plan: Plan, reservoir: String, scratch: Scratch) throws {
    (self.plan, self.reservoir, self.scratch) = (plan, reservoir, scratch)
    Progress.tell("starting reservoir with a cluster of its own")
    let data = scratch.directory.appendingPathComponent("data").path
    server = try Server(reservoir, ["--data-dir", data], in: scratch)
    cluster = try Cluster(dataDirectory: data, scratch: scratch)
    try cluster.requireDurability()
    // What starting up needed has been given back by then, if ever.
    sleep(3)
    idleMemory = try server.memory("VmRSS")
    ours = ReservoirSide(
      server: server, pool: ReservoirPool(database: cluster.database("reservoir"), dataset: plan.dataset))
  }

  /// Loads our pool; rows that need no pool go without.
  private(set) lazy var loaded: Result<Void, any Error> = Result {
    let (numbers, leads) = (Text.whole(plan.dataset.numbers), Text.whole(plan.dataset.leads))
    Progress.tell("loading \(numbers) numbers, \(leads) leads")
    try ours.pool.load()
  }

  /// The baseline, loaded and warm, in its faster form.
  func baseline() throws -> DocumentSide {
    if let document { return document }
    Progress.tell("loading the same for the baseline")
    let pool = DocumentPool(database: try cluster.makeDatabase("document"), dataset: plan.dataset)
    try pool.load()
    let side = try DocumentSide(pool, trySeconds: plan.warmUpSeconds)
    document = side
    return side
  }

  /// Both sides in turn, in changing order, as many rounds as planned.
  func alternate(
    _ ours: () throws -> LoadResult, _ baseline: () throws -> LoadResult
  ) throws -> (ours: [LoadResult], baseline: [LoadResult]) {
    var results: (ours: [LoadResult], baseline: [LoadResult]) = ([], [])
    for round in 0..<plan.rounds {
      if round.isMultiple(of: 2) {
        results.ours.append(try ours())
        results.baseline.append(try baseline())
      } else {
        results.baseline.append(try baseline())
        results.ours.append(try ours())
      }
    }
    return results
  }
}
