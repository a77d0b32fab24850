/// What a call about a lease does to it. The lease inside is the lease as it is to be stored.
public enum LeaseChange: Hashable, Sendable {
  /// The lease goes on; its release time may be later, earlier or the same.
  case extended(Lease)
  /// The lease is over, `endedAt` and `endReason` are set.
  case ended(Lease)
  /// Nothing changes; the answer says why.
  case unchanged(Unchanged)
  /// The call makes no sense and nothing changes.
  case refused(OutcomeRefusal)

  /// Why a call changed nothing.
  public enum Unchanged: String, CaseIterable, Hashable, Sendable {
    case alreadyEnded = "already_ended"
    /// The call quotes the term of another lease of the number.
    case staleTerm = "stale_term"
    /// The same outcome was reported last.
    case repeated
    /// A renewal asked for less than the lease already has.
    case alreadyLonger = "already_longer"
  }

  /// Why an outcome is not accepted.
  public enum OutcomeRefusal: String, CaseIterable, Hashable, Sendable {
    case appointmentInThePast = "appointment_in_the_past"
    /// More than 366 days ahead.
    case appointmentTooFarAhead = "appointment_too_far_ahead"
  }
}
