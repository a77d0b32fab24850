import Domain
import Postgres
import Runtime
import Store

/// Downgrades that are due (R8) and holds that are over (R7), client by client, also those of a time when no
/// server ran; and numbers that were given up while a lead leased them.
public struct SubscriptionJob: Job {
  public let name = "subscriptions"
  public let interval: Duration
  private let subscriptions: SubscriptionService

  public init(_ subscriptions: SubscriptionService, interval: Duration = .minutes(5)) {
    self.subscriptions = subscriptions
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let due = try await subscriptions.database.transaction(.init(isReadOnly: true)) {
      try SubscriptionStore.due(now: now, limit: limit, in: &$0)
    }
    for client in due { try await subscriptions.settle(client, now: now, actor: .job(name)) }
    let released = try await subscriptions.releaseDue(now: now, limit: limit, actor: .job(name))
    return JobReport(
      processed: due.count + released, hasMore: due.count == limit || released == limit)
  }
}

/// Fills backorders kind by kind, those who wait longest first, as supply arrives (R6). Domains come before
/// the mailboxes that go with them.
public struct BackorderJob: Job {
  public let name = "backorders"
  public let interval: Duration
  private let subscriptions: SubscriptionService

  public init(_ subscriptions: SubscriptionService, interval: Duration = .minutes(1)) {
    self.subscriptions = subscriptions
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    var filled = 0
    for kind in ResourceKind.allCases {
      let waiting = try await subscriptions.database.transaction(.init(isReadOnly: true)) {
        try BackorderStore.waiting(for: kind, limit: limit, in: &$0)
      }
      for client in waiting {
        filled += try await subscriptions.fill(client, kind, now: now, actor: .job(name))
      }
    }
    return JobReport(processed: filled)
  }
}
