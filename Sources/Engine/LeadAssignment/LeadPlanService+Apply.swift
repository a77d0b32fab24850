import Domain
import Postgres
import Runtime
import Store

extension LeadPlanService {
  public enum Application: Hashable, Sendable {
    case applied(Result)
    case unknownPlan
  }

  /// Leads of one transaction.
  static let chunk = 2_000

  private enum Step {
    case gave(Int)
    case nothingOpen
    case finished
    case unknown
  }

  /// Carries a plan out, or on: whole chunks, each in a transaction of its own. Two may do it at once. Who
  /// has got a lead by it keeps it, whatever interrupts it; and the same plan never gives a client more than
  /// it says.
  ///
  /// - Parameter onProgress: is told after each chunk how many leads were given by it.
  public func apply(
    _ id: ID<LeadPlan>, actor: Actor, idempotency: Idempotency<Application>? = nil,
    onProgress: @Sendable (Int) -> Void = { _ in }
  ) async throws -> Answered<Application> {
    if let idempotency {
      let now = time.now
      let earlier = try await database.transaction { transaction in
        idempotency.earlier(try IdempotencyStore.lock([idempotency.use], now: now, in: &transaction)[0])
      }
      if let earlier { return earlier }
    }
    carrying: while true {
      switch try await give(id, actor: actor) {
      case .gave(let count): onProgress(count)
      case .nothingOpen:
        if try await refill(id, actor: actor) == 0 { break carrying }
      case .finished: break carrying
      case .unknown: return .fresh(.unknownPlan)
      }
    }
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        guard let result = try Self.result(of: id, in: &transaction) else { return .unknownPlan }
        return .applied(result)
      }
    }
  }

  /// The next entries of one client.
  private func give(_ id: ID<LeadPlan>, actor: Actor) async throws -> Step {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "plan \(id)", now: now, in: &transaction)
      guard let (plan, keepsPace) = try LeadPlanStore.find(id, locks: true, in: &transaction)
      else { return .unknown }
      guard plan.state != .applied else { return .finished }
      let entries = try LeadPlanStore.open(of: id, limit: Self.chunk, in: &transaction)
      guard let client = entries.first?.client, let share = plan.shares.first(where: { $0.client == client })
      else { return .nothingOpen }
      let verdicts = try Self.verdicts(
        entries.map(\.lead), share, keepsPace: keepsPace, now: now, in: &transaction)
      let assigned = verdicts.count { $0 == .assigned }
      LeadPlanStore.settle(
        zip(entries, verdicts).map { ($0.position, $1.code) }, of: client, assigned: assigned, in: id,
        &transaction)
      return .gave(assigned)
    }
  }

  private static func verdicts(
    _ leads: [ID<Lead>], _ share: LeadPlan.Share, keepsPace: Bool, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> [LeadVerdict] {
    guard let turn = try LeadTurn(share.client, now: now, in: &transaction)
    else { preconditionFailure("a client that has a share cannot be removed") }
    let refusal = try LeadAssignmentService.refusal(of: share.campaign, for: share.client, in: &transaction)
    guard refusal == nil else { return leads.map { _ in .campaignEnded } }
    let left = keepsPace ? turn.quota.leftToday : turn.quota.left
    return try turn.assign(
      leads,
      .init(
        campaign: share.campaign, room: max(0, min(share.wanted - share.assigned, left)), mustMatch: true,
        skipsLocked: true), in: &transaction)
  }

  /// Works out more for those who have not got all, or finishes the plan; how many entries more.
  private func refill(_ id: ID<LeadPlan>, actor: Actor) async throws -> Int {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "plan \(id)", now: now, in: &transaction)
      guard let (plan, keepsPace) = try LeadPlanStore.find(id, locks: true, in: &transaction),
        plan.state != .applied
      else { return 0 }
      // Somebody else was faster.
      if try !LeadPlanStore.open(of: id, limit: 1, in: &transaction).isEmpty { return 1 }
      var shares: [(client: ID<Client>, weight: Int, wanted: Int)] = []
      for share in plan.shares where share.assigned < share.wanted {
        let refusal = try LeadAssignmentService.refusal(
          of: share.campaign, for: share.client, in: &transaction)
        guard refusal == nil else { continue }
        let quota = try Self.quota(of: share.client, now: now, in: &transaction)
        let left = keepsPace ? quota.leftToday : quota.left
        shares.append((share.client, quota.left, min(share.wanted - share.assigned, left)))
      }
      let last = try LeadPlanStore.lastPosition(of: id, in: &transaction)
      let planning = LeadPlanning(
        plan: id, seed: plan.seed, parties: try Self.parties(shares, in: &transaction))
      let added = try Self.extend(planning, after: last, in: &transaction)
      if added == 0 { LeadPlanStore.finish(id, now: now, in: &transaction) }
      return added
    }
  }
}

/// Gives each client that said what it wants the leads that its pace allows today.
public struct LeadDistributionJob: Job {
  public let name = "lead-distribution"
  public let interval: Duration
  private let plans: LeadPlanService

  /// How long plans are kept.
  static let memory: Duration = .hours(7 * 24)

  public init(_ plans: LeadPlanService, interval: Duration = .hours(1)) {
    self.plans = plans
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    _ = try await plans.matching.refresh(now: now, limit: LeadPlanService.mostRefreshed)
    let made = try await plans.database.transaction { transaction -> ID<LeadPlan>? in
      ActorStore.act(as: .job(name), because: "plan", now: now, in: &transaction)
      _ = try LeadPlanStore.forget(before: now - Self.memory, limit: limit, in: &transaction)
      let wish = LeadPlanService.Wish(keepsPace: true)
      guard case .planned(let plan) = try LeadPlanService.plan(wish, now: now, in: &transaction)
      else { return nil }
      guard plan.shares.contains(where: { $0.planned > 0 }) else {
        // Nobody wants or finds anything: a plan of nothing is no news.
        LeadPlanStore.remove(plan.id, in: &transaction)
        return nil
      }
      return plan.id
    }
    guard let made, case .fresh(.applied(let result)) = try await plans.apply(made, actor: .job(name))
    else { return JobReport(processed: 0) }
    return JobReport(
      processed: result.plan.shares.reduce(0) { $0 + $1.assigned }, details: result.outcomes)
  }
}
