/// Whether the operator lets a number be used; only active ones are leased.
public enum PhoneNumberStatus: String, CaseIterable, Hashable, Sendable {
  case active, inactive, maintenance
}

/// Whether a number is leased, as the pool's table says. `LeaseRule.isFree` decides what that means.
public enum AssignmentStatus: String, CaseIterable, Hashable, Sendable {
  case available, assigned
}
