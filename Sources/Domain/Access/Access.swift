/// A key of the HTTP interface; stored hashed, so that only its id is ever seen again.
public struct APIKey: Hashable, Sendable {
  public let id: ID<APIKey>
  public var name: String
  /// The first characters of the key, to recognise it by.
  public let prefix: String
  public let role: Role
  /// The client whose data it opens; nil for an operator.
  public let clientID: ID<Client>?
  public let createdAt: Timestamp
  public var revokedAt: Timestamp?

  public init(
    id: ID<APIKey>, name: String, prefix: String, role: Role, clientID: ID<Client>?, createdAt: Timestamp,
    revokedAt: Timestamp? = nil
  ) {
    self.id = id
    self.name = name
    self.prefix = prefix
    self.role = role
    self.clientID = clientID
    self.createdAt = createdAt
    self.revokedAt = revokedAt
  }
}

public enum Role: String, CaseIterable, Hashable, Sendable {
  /// Everything.
  case `operator`
  /// Everything of one client that is its own.
  case client
  /// Leases and permits of one client.
  case sender

  /// Operators stand above clients; the other roles belong to exactly one.
  public var belongsToClient: Bool { self != .operator }
}

/// One thing that a caller may want to do.
public enum Permission: String, CaseIterable, Hashable, Sendable {
  case readPools, readNumbers, manageNumbers
  case readLeases
  /// Lease, renew, report an outcome, release.
  case useLeases
  /// Leads are shared by all clients, so only an operator sees them.
  case readLeads, manageLeads
  /// A client's own, beside those for everybody.
  case readSuppressions, manageSuppressions
  /// Of leads that are or were the client's.
  case reportLeadEvents
  /// Leads that the client has; of an operator: all.
  case readOwnLeads
  case readTemplates, manageTemplates
  case readClients, manageClients
  case manageKeys
  case readJobs, runJobs
  case readAlerts
  case readResources, manageResources
  case readTiers, manageTiers
  case readSubscriptions, manageSubscriptions
  case readCampaigns, manageCampaigns
  /// Ask for permits, report what became of them.
  case readPermits, usePermits
  /// Of the whole platform, so only an operator's.
  case readForecast
  case readSupply, manageSupply
  /// Events of the payment provider hold personal data of those who pay: operators only.
  case readPayments, managePayments
  case readProfiles, manageProfiles
  case readLeadAssignments
  /// Release and convert.
  case changeLeadAssignments
  /// The platform decides who gets which lead: an operator.
  case assignLeads
}

/// Who calls.
public struct Principal: Hashable, Sendable {
  /// Nil for the key that the environment gives.
  public let keyID: ID<APIKey>?
  public let role: Role
  public let clientID: ID<Client>?

  /// Nil when an operator is tied to a client, or another role is not.
  public init?(keyID: ID<APIKey>?, role: Role, clientID: ID<Client>?) {
    guard role.belongsToClient == (clientID != nil) else { return nil }
    self.keyID = keyID
    self.role = role
    self.clientID = clientID
  }

  /// Whether the caller may do this to data of `client`; nil means data that is no single client's.
  public func allows(_ permission: Permission, on client: ID<Client>?) -> Bool {
    switch role {
    case .operator: true
    case .client, .sender: client != nil && client == clientID && role.permissions.contains(permission)
    }
  }
}

extension Role {
  /// What the role may do, within its client where it belongs to one.
  public var permissions: Set<Permission> {
    switch self {
    case .operator: Set(Permission.allCases)
    case .client:
      [
        .readPools, .readNumbers, .readLeases, .useLeases, .readClients, .readAlerts, .readResources,
        .readTiers, .readSubscriptions,
        .readCampaigns, .manageCampaigns, .readPermits, .usePermits,
        .readProfiles, .manageProfiles, .readLeadAssignments, .changeLeadAssignments,
        .readSuppressions, .manageSuppressions, .reportLeadEvents,
        .readOwnLeads, .readTemplates, .manageTemplates,
      ]
    case .sender:
      [.readPools, .readLeases, .useLeases, .readPermits, .usePermits, .reportLeadEvents]
    }
  }
}
