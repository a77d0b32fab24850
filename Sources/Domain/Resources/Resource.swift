/// A thing of the platform's pool that clients get: one row of `resource_pool`.
public struct Resource: Hashable, Sendable {
  public let id: ID<Resource>
  public let kind: ResourceKind
  public let value: ResourceValue
  /// What people call it.
  public var name: String?
  /// The email domain that a mailbox belongs to; nil for every other kind.
  public var domainID: ID<Resource>?

  /// How many clients may share it; 1 is dedicated.
  public var maxClients: Int
  /// Unreleased assignments, those on hold included.
  public var currentClients: Int
  public var status: ResourceStatus
  /// When the last hold on it ends, if it has one (R7).
  public var heldUntil: Timestamp?
  public var quarantine: Quarantine?

  public let createdAt: Timestamp
  public var warmup: Warmup
  /// 0 to 100; more is better.
  public var reputationScore: Int
  /// What it sent in the last 30 days, and what came back.
  public var health: SendCounts
  /// Of an email domain; a mailbox has its domain's.
  public var authentication: DomainAuthentication

  /// Who it was bought from: `infraforge`, `twilio`, `unipile`.
  public var provider: String?
  public var providerID: String?
  /// Decides its day (R12): its client's, else the platform's.
  public var timeZone: TimeZoneName

  public init(
    id: ID<Resource>, kind: ResourceKind, value: ResourceValue, name: String? = nil,
    domainID: ID<Resource>? = nil, maxClients: Int = 1, currentClients: Int = 0,
    status: ResourceStatus = .available, heldUntil: Timestamp? = nil, quarantine: Quarantine? = nil,
    createdAt: Timestamp, warmup: Warmup = Warmup(), reputationScore: Int = 0,
    health: SendCounts = .none, authentication: DomainAuthentication = .unknown, provider: String? = nil,
    providerID: String? = nil, timeZone: TimeZoneName = .utc
  ) {
    precondition(maxClients >= 1 && (0...maxClients).contains(currentClients), "more clients than places")
    precondition((0...100).contains(reputationScore), "reputation goes from 0 to 100")
    precondition(kind == .mailbox || domainID == nil, "only mailboxes belong to a domain")
    self.id = id
    self.kind = kind
    self.value = value
    self.name = name
    self.domainID = domainID
    self.maxClients = maxClients
    self.currentClients = currentClients
    self.status = status
    self.heldUntil = heldUntil
    self.quarantine = quarantine
    self.createdAt = createdAt
    self.warmup = warmup
    self.reputationScore = reputationScore
    self.health = health
    self.authentication = authentication
    self.provider = provider
    self.providerID = providerID
    self.timeZone = timeZone
  }

  public var freePlaces: Int { maxClients - currentClients }
}

/// What a checker or an operator found in a domain's DNS. Failing ones keep a domain from new clients and
/// from sending; unknown ones do not, since a domain that was imported may never have been looked at.
public struct DomainAuthentication: Hashable, Sendable {
  public enum State: String, CaseIterable, Hashable, Sendable {
    case unknown, pass, fail
  }

  public enum Record: String, CaseIterable, Hashable, Sendable {
    case spf, dkim, dmarc
  }

  public var spf: State
  public var dkim: State
  public var dmarc: State

  public init(spf: State, dkim: State, dmarc: State) {
    self.spf = spf
    self.dkim = dkim
    self.dmarc = dmarc
  }

  public static let unknown = DomainAuthentication(spf: .unknown, dkim: .unknown, dmarc: .unknown)

  public subscript(record: Record) -> State {
    switch record {
    case .spf: spf
    case .dkim: dkim
    case .dmarc: dmarc
    }
  }

  /// In the order SPF, DKIM, DMARC.
  public var failing: [Record] { Record.allCases.filter { self[$0] == .fail } }
}

// What a resource may be called and how many may share it, wherever it comes from.
extension Resource {
  /// Clients that share it.
  public static let places = 1...10_000
  public static let reputations = 0...100
  /// Characters, on one line each.
  public static let nameLength = 1...200
  public static let providerLength = 1...100
  public static let providerIDLength = 1...200
}
