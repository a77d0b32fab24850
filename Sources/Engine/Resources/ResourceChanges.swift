import Domain
import Postgres
import Runtime
import Store

/// What can be done with one resource.
public enum ResourceAction: Hashable, Sendable {
  /// Out of use through a fault, until reviewed; its clients keep it.
  case quarantine(Quarantine.Reason, evidence: String)
  /// The review: back into use, with what shows that the fault is gone.
  case requalify(evidence: String, rewarming: Bool)
  case startWarmup
  /// Before its 21 days are over, by an operator who knows.
  case completeWarmup
  case retire
  /// What a checker found.
  case observe(ResourceObservation)
}

/// What a checker or an operator found out about a resource; what is nil stays.
public struct ResourceObservation: Hashable, Sendable {
  public var spf: DomainAuthentication.State?
  public var dkim: DomainAuthentication.State?
  public var dmarc: DomainAuthentication.State?
  /// Of the last 30 days.
  public var sent: Int?
  public var bounces: Int?
  public var complaints: Int?
  /// 0 to 100.
  public var reputationScore: Int?

  public init() {}

  var isAboutDNS: Bool { spf != nil || dkim != nil || dmarc != nil }
}

public enum ResourceActionOutcome: Hashable, Sendable {
  case done(Resource)
  case refused(StatusObstacle)
  case notRequalified([Requalification.Obstacle])
  case warmupRefused(WarmupObstacle)
  /// Only email domains have SPF, DKIM and DMARC.
  case notADomain
  case unknown
}

public enum WarmupObstacle: String, Hashable, Sendable {
  /// Only email domains are warmed up.
  case notNeeded = "not_needed"
  case alreadyStarted = "already_started"
  case alreadyCompleted = "already_completed"
  /// Only a review ends a quarantine; it may order a new warm-up.
  case inQuarantine = "in_quarantine"

  public var detail: String {
    switch self {
    case .notNeeded: "only email domains are warmed up"
    case .alreadyStarted: "its warm-up has begun already"
    case .alreadyCompleted: "its warm-up is completed"
    case .inQuarantine: "it is in quarantine: review it first"
    }
  }
}

extension ResourceService {
  /// Does it, or says what stands against it.
  public func perform(
    _ action: ResourceAction, on id: ID<Resource>, actor: Actor,
    idempotency: Idempotency<ResourceActionOutcome>? = nil
  ) async throws -> Answered<ResourceActionOutcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: action.reason, now: now, in: &transaction)
        guard let resource = try ResourceStore.lock(id, in: &transaction) else { return .unknown }
        let held = try ResourceStore.heldClients(of: id, in: &transaction)
        let outcome = action.outcome(for: resource, heldClients: held, now: now)
        if case .done(let changed) = outcome, changed != resource {
          ResourceStore.update(changed, in: &transaction)
          if action.tellsHealth { SenderHealthStore.restart(id, in: &transaction) }
          try CampaignLimits.settle(.resources([id]), now: now, in: &transaction)
        }
        return outcome
      }
    }
  }
}

extension ResourceAction {
  /// Whether it tells the sums of the last 30 days, with all that events have counted.
  fileprivate var tellsHealth: Bool {
    guard case .observe(let seen) = self else { return false }
    return seen.sent != nil || seen.bounces != nil || seen.complaints != nil
  }

  fileprivate var reason: String {
    switch self {
    case .quarantine(let reason, _): "quarantine: \(reason.rawValue)"
    case .requalify: "requalified"
    case .startWarmup: "warm-up started"
    case .completeWarmup: "warm-up completed by hand"
    case .retire: "retired"
    case .observe: "observed"
    }
  }

  func outcome(for resource: Resource, heldClients: Int, now: Timestamp) -> ResourceActionOutcome {
    var changed = resource
    switch self {
    case .quarantine(let reason, let evidence):
      if let obstacle = resource.obstacle(to: .quarantined) { return .refused(obstacle) }
      changed.status = .quarantined
      changed.quarantine = Quarantine(reason: reason, evidence: evidence, since: now)
    case .requalify(let evidence, let rewarming):
      switch Requalification.review(
        resource, evidence: evidence, heldClients: heldClients, rewarming: rewarming)
      {
      case .refused(let obstacles): return .notRequalified(obstacles)
      case .qualified(let status):
        changed.status = status
        changed.quarantine = nil
        if rewarming, resource.kind.needsWarmup { changed.warmup = Warmup(startedAt: now) }
      }
    case .startWarmup:
      if let obstacle = obstacleToWarmup(resource) { return .warmupRefused(obstacle) }
      changed.warmup.startedAt = now
      if resource.currentClients == 0 {
        if let obstacle = resource.obstacle(to: .warming) { return .refused(obstacle) }
        changed.status = .warming
      }
    case .completeWarmup:
      if resource.warmup.isCompleted { return .warmupRefused(.alreadyCompleted) }
      changed = resource.completingWarmup(at: now)
    case .retire:
      if let obstacle = resource.obstacle(to: .retired) { return .refused(obstacle) }
      changed.status = .retired
      changed.quarantine = nil
    case .observe(let seen):
      if seen.isAboutDNS, resource.kind != .emailDomain { return .notADomain }
      let (authentication, health) = (resource.authentication, resource.health)
      changed.authentication = DomainAuthentication(
        spf: seen.spf ?? authentication.spf, dkim: seen.dkim ?? authentication.dkim,
        dmarc: seen.dmarc ?? authentication.dmarc)
      changed.health = SendCounts(
        sent: seen.sent ?? health.sent, bounces: seen.bounces ?? health.bounces,
        complaints: seen.complaints ?? health.complaints)
      changed.reputationScore = seen.reputationScore ?? resource.reputationScore
    }
    return .done(changed)
  }

  private func obstacleToWarmup(_ resource: Resource) -> WarmupObstacle? {
    if !resource.kind.needsWarmup { return .notNeeded }
    if resource.status == .quarantined { return .inQuarantine }
    if resource.warmup.isCompleted { return .alreadyCompleted }
    return resource.warmup.startedAt == nil ? nil : .alreadyStarted
  }
}

extension Resource {
  /// As it is when its warm-up is over: one that was warming is available.
  func completingWarmup(at now: Timestamp) -> Resource {
    var resource = self
    resource.warmup.completedAt = now
    if status == .warming { resource.status = .available }
    return resource
  }
}

/// Completes warm-ups after 21 days, if the domain is healthy; the others go on until their figures recover.
public struct WarmupJob: Job {
  public let name = "warm-ups"
  public let interval: Duration
  private let resources: ResourceService

  public init(_ resources: ResourceService, interval: Duration = .hours(1)) {
    self.resources = resources
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let name = self.name
    var (completed, unhealthy) = (0, 0)
    var last: ID<Resource>?
    while true {
      let place = last
      let chunk = try await resources.database.transaction { transaction in
        ActorStore.act(as: .job(name), because: "warm-up completed", now: now, in: &transaction)
        let due = try ResourceStore.lockWarming(
          startedBefore: now - Warmup.length, after: place, limit: 200, in: &transaction)
        let ready = due.filter { WarmupCompletion.decide($0, now: now) == .complete }
        for resource in ready {
          ResourceStore.update(resource.completingWarmup(at: now), in: &transaction)
        }
        if !ready.isEmpty {
          try CampaignLimits.settle(.resources(ready.map(\.id)), now: now, in: &transaction)
        }
        return (count: due.count, ready: ready.count, last: due.last?.id)
      }
      completed += chunk.ready
      unhealthy += chunk.count - chunk.ready
      last = chunk.last
      if chunk.count < 200 { break }
    }
    return JobReport(processed: completed, details: ["unhealthy": unhealthy])
  }
}
