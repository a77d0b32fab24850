/// Whether a lead becomes a client's, and why not.
public enum LeadVerdict: Hashable, Sendable {
  case assigned
  case alreadyOwn
  /// Another client has it.
  case taken(by: ID<Client>)
  /// It must not be contacted: by nobody, or not by this client.
  case suppressed(isGlobal: Bool)
  /// It turned out to be another lead, which speaks for it.
  case merged(into: ID<Lead>)
  /// The person was forgotten.
  case erased
  case unknown
  /// The client has no leads left in its billing month.
  case overQuota
  /// Another client has people of the same company, and one of the two claims companies for itself.
  case companyTaken
  /// The allocator only: it is not, or not any more, what the client's profile asks for.
  case unfit
  /// The allocator only: its score for the client is below 20 (R19).
  case dead
  /// The allocator only: somebody else was at it just then.
  case busy
  /// The allocator only: the campaign that it was meant for has ended.
  case campaignEnded

  /// For programs.
  public var code: String {
    switch self {
    case .assigned: "assigned"
    case .alreadyOwn: "already_own"
    case .taken: "taken"
    case .suppressed: "suppressed"
    case .merged: "merged"
    case .erased: "erased"
    case .unknown: "unknown"
    case .overQuota: "over_quota"
    case .companyTaken: "company_taken"
    case .unfit: "unfit"
    case .dead: "dead"
    case .busy: "busy"
    case .campaignEnded: "campaign_ended"
    }
  }
}

/// A lead that somebody wants to give to a client, locked.
public struct AssignableLead: Hashable, Sendable {
  public let id: ID<Lead>
  public var companyDomain: String?
  public var owner: ID<Client>?
  public var mergedInto: ID<Lead>?
  public var isErased: Bool
  /// Whether a suppression forbids contact by everybody, or by this client.
  public var isSuppressedForAll: Bool
  public var isSuppressedForClient: Bool
  /// The clients that have people of its company now.
  public var companyOwners: [CompanyOwner]

  public struct CompanyOwner: Hashable, Sendable {
    public let client: ID<Client>
    public let claims: Bool

    public init(client: ID<Client>, claims: Bool) {
      self.client = client
      self.claims = claims
    }
  }

  public init(
    id: ID<Lead>, companyDomain: String? = nil, owner: ID<Client>? = nil, mergedInto: ID<Lead>? = nil,
    isErased: Bool = false, isSuppressedForAll: Bool = false, isSuppressedForClient: Bool = false,
    companyOwners: [CompanyOwner] = []
  ) {
    self.id = id
    self.companyDomain = companyDomain
    self.owner = owner
    self.mergedInto = mergedInto
    self.isErased = isErased
    self.isSuppressedForAll = isSuppressedForAll
    self.isSuppressedForClient = isSuppressedForClient
    self.companyOwners = companyOwners
  }
}

/// Decides leads for one client, one after the other.
public struct LeadAssigning: Sendable {
  public let client: ID<Client>
  public let claimsCompanies: Bool
  /// How many may still be assigned; nil: as many as there are.
  public private(set) var room: Int?
  private var seen: Set<ID<Lead>> = []

  public init(client: ID<Client>, claimsCompanies: Bool, room: Int?) {
    self.client = client
    self.claimsCompanies = claimsCompanies
    self.room = room
  }

  /// What forbids it besides the quota, in a fixed order: what the lead is, whose it is, what is suppressed,
  /// what its company says.
  public func obstacle(_ claim: AssignableLead) -> LeadVerdict? {
    if let other = claim.mergedInto { return .merged(into: other) }
    if claim.isErased { return .erased }
    if let owner = claim.owner { return owner == client ? .alreadyOwn : .taken(by: owner) }
    if seen.contains(claim.id) { return .alreadyOwn }
    if claim.isSuppressedForAll || claim.isSuppressedForClient {
      return .suppressed(isGlobal: claim.isSuppressedForAll)
    }
    let others = claim.companyOwners.filter { $0.client != client }
    if !others.isEmpty, claimsCompanies || others.contains(where: \.claims) { return .companyTaken }
    return nil
  }

  public mutating func decide(_ claim: AssignableLead) -> LeadVerdict {
    if let obstacle = obstacle(claim) { return obstacle }
    guard let room else {
      seen.insert(claim.id)
      return .assigned
    }
    guard room > 0 else { return .overQuota }
    self.room = room - 1
    seen.insert(claim.id)
    return .assigned
  }
}
