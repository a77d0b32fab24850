/// What becomes of a permit when its user reports.
public enum PermitReportDecision: Hashable, Sendable {
  case changed(Permit)
  /// It was reported so before.
  case same
  /// It ended before, in another way.
  case ended

  /// The send was made. A report that comes late, after the permit expired, still counts. If the lead opted
  /// out, bounced or changed hands in between the permit is void; that it was sent all the same is kept.
  ///
  /// - Parameter standing: of the lead now; nil: there is no such lead any more.
  public static func sent(
    _ permit: Permit, messageID: String?, _ standing: LeadStanding?, now: Timestamp
  ) -> PermitReportDecision {
    switch permit.status {
    case .sent, .void:
      guard permit.sentAt != nil else { return .ended }
      if messageID == nil || messageID == permit.providerMessageID { return .same }
      guard permit.providerMessageID == nil else { return .ended }
      var named = permit
      named.providerMessageID = messageID
      return .changed(named)
    case .failed: return .ended
    case .issued, .expired:
      var changed = permit
      changed.status = isStillOpen(standing) ? .sent : .void
      changed.sentAt = now
      changed.providerMessageID = messageID
      return .changed(changed)
    }
  }

  /// Nothing left the building.
  public static func failed(_ permit: Permit) -> PermitReportDecision {
    switch permit.status {
    case .failed: return .same
    case .sent, .void: return .ended
    case .issued, .expired:
      var changed = permit
      changed.status = .failed
      return .changed(changed)
    }
  }

  /// An issued permit as it is to be shown: void when its lead has opted out, bounced or changed hands.
  public static func present(_ permit: Permit, _ standing: LeadStanding?) -> Permit {
    guard permit.status == .issued, !isStillOpen(standing) else { return permit }
    var shown = permit
    shown.status = .void
    return shown
  }

  private static func isStillOpen(_ standing: LeadStanding?) -> Bool {
    guard let standing else { return false }
    return standing.isAssigned && standing.bouncedAt == nil && standing.unsubscribedAt == nil
  }
}
