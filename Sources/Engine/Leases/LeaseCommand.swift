import Domain
import Store

/// The wish of a lead for a number of a company.
public struct LeaseCommand: Sendable {
  public var pool: PoolReference
  /// The only client whose pool the caller may use; nil for an operator.
  public var allowed: ID<Client>?
  public var leadID: ID<Lead>
  public var customerPhone: PhoneNumber?
  public var near: Near?
  public var actor: Actor
  public var idempotency: Idempotency<LeaseOutcome>?

  public init(
    pool: PoolReference, allowed: ID<Client>? = nil, leadID: ID<Lead>, customerPhone: PhoneNumber? = nil,
    near: Near? = nil, actor: Actor, idempotency: Idempotency<LeaseOutcome>? = nil
  ) {
    self.pool = pool
    self.allowed = allowed
    self.leadID = leadID
    self.customerPhone = customerPhone
    self.near = near
    self.actor = actor
    self.idempotency = idempotency
  }
}

/// What came of it.
public enum LeaseOutcome: Hashable, Sendable {
  case granted(Lease)
  /// The lead held this lease already.
  case held(Lease)
  /// No such company, or not the caller's; with names that an operator may have meant.
  case unknownCompany(similar: [String])
  case unknownLead
  case exhausted(PoolTotals)
}
