/// R17: how long a number is leased. Pure: a lease, an event and an instant in, the change out.
///
/// The rules hold until a lease has *ended*. A lease that is due but was neither swept nor claimed still
/// belongs to its holder, and an outcome or a renewal that comes so late still counts.
public enum LeaseRule {
  /// What every lease gets, and every renewal from its moment on.
  public static let baseHold: Duration = .hours(18)
  /// Counted from the appointment.
  public static let holdAfterAppointment: Duration = .hours(24)
  /// Counted from the moment at which a kept appointment or a no-show is reported.
  public static let holdAfterCall: Duration = .hours(24)
  public static let longestAdvance: Duration = .hours(366 * 24)
  /// The missed call that ends a lease.
  public static let lastMissedCall = 2

  /// The one rule for "is it free", used by sweep, claim and every list: never leased or released, or
  /// leased with its time over. At the very instant of `releaseAt` it is free.
  public static func isFree(releaseAt: Timestamp?, assigned: Bool, now: Timestamp) -> Bool {
    guard assigned else { return true }
    guard let releaseAt else { return false }
    return releaseAt <= now
  }

  /// What an outcome does. `term`, if the caller quotes one, must be the lease's.
  ///
  /// An outcome that repeats the last one changes nothing, except a missed call: a second missed call is a
  /// second attempt. Retries of one HTTP call are told apart by their idempotency key, not here.
  public static func apply(
    _ outcome: CallOutcome, to lease: Lease, term: Int64? = nil, at now: Timestamp, timeZone: TimeZoneName
  ) -> LeaseChange {
    if let reason = obstacle(lease, term: term) { return .unchanged(reason) }
    if isRepeat(outcome, of: lease) { return .unchanged(.repeated) }
    var lease = lease
    lease.lastOutcome = outcome.kind
    switch outcome {
    case .booked(let appointmentAt): return book(appointmentAt, lease, now)
    case .cancelled: return cancel(lease, now)
    case .completed, .noShow:
      lease.releaseAt = max(lease.releaseAt, now + holdAfterCall)
      if outcome == .completed { lease.missedCalls = 0 }
      return .extended(lease)
    case .noAnswer, .busy, .voicemail: return miss(lease, now, timeZone)
    }
  }

  /// The base hold once more, from `now` on; never shorter than what the lease has.
  public static func renew(_ lease: Lease, term: Int64? = nil, at now: Timestamp) -> LeaseChange {
    if let reason = obstacle(lease, term: term) { return .unchanged(reason) }
    var lease = lease
    guard now + baseHold > lease.releaseAt else { return .unchanged(.alreadyLonger) }
    lease.releaseAt = now + baseHold
    return .extended(lease)
  }

  /// The holder gives the number back.
  public static func release(
    _ lease: Lease, term: Int64? = nil, because reason: EndReason = .released, at now: Timestamp
  ) -> LeaseChange {
    if let reason = obstacle(lease, term: term) { return .unchanged(reason) }
    return end(lease, reason, now)
  }
}

extension LeaseRule {
  /// A call that quotes another term was meant for another lease; nothing else about it matters.
  private static func obstacle(_ lease: Lease, term: Int64?) -> LeaseChange.Unchanged? {
    if let term, term != lease.term { return .staleTerm }
    return lease.endedAt == nil ? nil : .alreadyEnded
  }

  private static func isRepeat(_ outcome: CallOutcome, of lease: Lease) -> Bool {
    guard outcome.kind == lease.lastOutcome else { return false }
    return switch outcome {
    case .booked(let appointmentAt): appointmentAt == lease.appointmentAt
    case .cancelled, .completed, .noShow: true
    case .noAnswer, .busy, .voicemail: false
    }
  }

  /// Until 24 hours after the appointment; an earlier, longer hold stays. A later booking replaces the
  /// appointment. Somebody was reached, so missed calls are counted afresh.
  private static func book(_ appointmentAt: Timestamp, _ lease: Lease, _ now: Timestamp) -> LeaseChange {
    guard appointmentAt >= now else { return .refused(.appointmentInThePast) }
    guard appointmentAt <= now + longestAdvance else { return .refused(.appointmentTooFarAhead) }
    var lease = lease
    lease.appointmentAt = appointmentAt
    lease.releaseAt = max(lease.releaseAt, appointmentAt + holdAfterAppointment)
    lease.missedCalls = 0
    return .extended(lease)
  }

  /// Back to the base rule, counted from the start of the lease. When that is over already, the lease ends
  /// now. Without an appointment there is nothing to take back: the outcome is noted and the hold stays.
  private static func cancel(_ lease: Lease, _ now: Timestamp) -> LeaseChange {
    guard lease.appointmentAt != nil else { return .extended(lease) }
    var lease = lease
    lease.appointmentAt = nil
    lease.releaseAt = lease.leasedAt + baseHold
    return lease.releaseAt <= now ? end(lease, .cancelled, now) : .extended(lease)
  }

  /// Kept until the end of the local day for one retry, even if the base hold would have been longer; the
  /// second missed call ends the lease. A missed call ahead of an appointment does not count against the
  /// lease, and an appointment's longer hold stays.
  private static func miss(_ lease: Lease, _ now: Timestamp, _ timeZone: TimeZoneName) -> LeaseChange {
    var lease = lease
    let isAheadOfAppointment = lease.appointmentAt.map { now < $0 } ?? false
    if !isAheadOfAppointment {
      lease.missedCalls += 1
      if lease.missedCalls >= lastMissedCall { return end(lease, .noAnswer, now) }
    }
    let endOfDay = timeZone.endOfDay(containing: now)
    lease.releaseAt = lease.appointmentAt == nil ? endOfDay : max(lease.releaseAt, endOfDay)
    return .extended(lease)
  }

  private static func end(_ lease: Lease, _ reason: EndReason, _ now: Timestamp) -> LeaseChange {
    var lease = lease
    lease.endedAt = now
    lease.endReason = reason
    return .ended(lease)
  }
}
