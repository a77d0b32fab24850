/// A person as the platform knows them: one row of `lead_pool` for each (`specs/lead-pool.md`).
///
/// The id is the lead's everywhere: leases, assignments and permits speak of it.
public struct PoolLead: Hashable, Sendable {
  public let id: ID<Lead>
  public var facts: LeadFacts
  /// Source and time of each group of facts.
  public var provenance: [LeadFactGroup: Provenance]
  /// When mail to it bounced for good, wherever it was sent from.
  public var bouncedAt: Timestamp?
  /// When the person complained of spam.
  public var complainedAt: Timestamp?
  /// When the person asked for no contact by anybody.
  public var unsubscribedAt: Timestamp?
  /// Set for a lead that turned out to be another one: that one speaks for it.
  public var mergedIntoID: ID<Lead>?
  /// When the person was forgotten: nothing personal is left.
  public var erasedAt: Timestamp?
  public let createdAt: Timestamp
  public var updatedAt: Timestamp

  public init(
    id: ID<Lead>, facts: LeadFacts, provenance: [LeadFactGroup: Provenance] = [:],
    bouncedAt: Timestamp? = nil, complainedAt: Timestamp? = nil, unsubscribedAt: Timestamp? = nil,
    mergedIntoID: ID<Lead>? = nil, erasedAt: Timestamp? = nil, createdAt: Timestamp, updatedAt: Timestamp
  ) {
    self.id = id
    self.facts = facts
    self.provenance = provenance
    self.bouncedAt = bouncedAt
    self.complainedAt = complainedAt
    self.unsubscribedAt = unsubscribedAt
    self.mergedIntoID = mergedIntoID
    self.erasedAt = erasedAt
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

extension PoolLead: CustomStringConvertible {
  /// The id only: the rest is personal.
  public var description: String { "lead \(id)" }
}

/// Whether mail to an address may be expected to arrive, as its source says.
public enum EmailStatus: String, CaseIterable, Hashable, Sendable {
  case verified
  /// Made up from the company's pattern: Apollo's `extrapolated`, formerly `guessed`.
  case guessed
  /// Accepted by a server that accepts everything.
  case catchAll = "catch_all"
  case unverified
  case bounced
  case unavailable
  /// Whatever else a provider says: not verified.
  case unknown
}
