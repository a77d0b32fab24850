import Domain
import Store

/// A lead with all that is known of it.
public struct LeadDetail: Hashable, Sendable {
  /// The side that telephones; made of what the pool knows for a lead that never did.
  public let lead: Lead
  /// Nil for a lead of an older platform that is not in the pool yet.
  public let pool: PoolLead?
  /// Whose it is; nil when it is nobody's.
  public let clientID: ID<Client>?

  /// - Parameter lead: nil when the lead has no row of its own yet.
  init?(lead: Lead?, pool: PoolLead?, clientID: ID<Client>?) {
    guard let known = lead ?? pool.map(Self.telephoning) else { return nil }
    self.lead = known
    self.pool = pool
    self.clientID = clientID
  }

  private static func telephoning(_ pool: PoolLead) -> Lead {
    Lead(
      id: pool.id, primaryEmail: pool.facts.text(.email).map { EmailAddress(unchecked: $0) },
      firstName: pool.facts.text(.firstName), lastName: pool.facts.text(.lastName), createdAt: pool.createdAt)
  }
}
