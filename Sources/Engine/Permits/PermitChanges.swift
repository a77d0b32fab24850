import Domain
import Postgres
import Runtime
import Store

/// Writes what became of permits that are locked.
enum PermitChanges {
  static func apply(
    _ changes: [(before: Permit, after: Permit)], actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) {
    guard !changes.isEmpty else { return }
    PermitStore.update(changes.map(\.after), in: &transaction)
    for (before, after) in changes where before.status.isCounted && !after.status.isCounted {
      let resources = Set([after.resourceID, after.senderID])
      UsageStore.giveBack(
        resources.map { .init(resourceID: $0, channel: after.channel, day: after.day) }, in: &transaction)
    }
    for (before, after) in changes where before.sentAt != after.sentAt || !after.status.isCounted {
      PermitStore.settleTouch(of: after, in: &transaction)
    }
    for (before, after) in changes where before.status != .sent && after.status == .sent {
      PermitStore.countContact(after, at: min(after.sentAt ?? now, after.expiresAt), in: &transaction)
    }
    PermitLedgerStore.record(
      changes.filter { $0.before.status != $0.after.status }.map {
        .init(Self.kind(of: $0.after.status), of: $0.after, actor: actor.text)
      }, now: now,
      in: &transaction)
  }

  private static func kind(of status: Permit.Status) -> PermitLedgerStore.Kind {
    switch status {
    case .issued: .issued
    case .sent: .sent
    case .failed: .failed
    case .expired: .expired
    case .void: .void
    }
  }
}

/// Ends permits whose time is over. They stay counted: a lost answer may have been a sent mail.
public struct PermitExpiryJob: Job {
  public let name = "permit-expiry"
  public let interval: Duration
  private let database: Database

  public init(database: Database, interval: Duration = .minutes(1)) {
    self.database = database
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let chunk = min(limit, 5_000)
    let ended = try await database.transaction { transaction in
      let overdue = try PermitStore.lockOverdue(now: now, limit: chunk, in: &transaction)
      let changes = overdue.map { permit in
        var expired = permit
        expired.status = .expired
        return (permit, expired)
      }
      PermitChanges.apply(changes, actor: .job(name), now: now, in: &transaction)
      return overdue.count
    }
    return JobReport(processed: ended, hasMore: ended == chunk)
  }
}
