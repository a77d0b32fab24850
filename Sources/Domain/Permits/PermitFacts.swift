/// A lead as one client sees it.
public struct ClientLead: Hashable, Sendable {
  public let clientID: ID<Client>
  public let leadID: ID<Lead>

  public init(clientID: ID<Client>, leadID: ID<Lead>) {
    self.clientID = clientID
    self.leadID = leadID
  }
}

/// What the gate must know of a lead for one client.
public struct LeadStanding: Hashable, Sendable {
  public var bouncedAt: Timestamp?
  public var unsubscribedAt: Timestamp?
  public var emailStatus: EmailStatus?
  public var isAssigned: Bool
  public var repliedAt: Timestamp?
  /// The client's last touch on each channel; a permit that may yet be used counts as one.
  public var touchedAt: [Channel: Timestamp]
  /// From what the last touch on each channel was sent.
  public var senders: [Channel: ID<Resource>]

  public init(
    bouncedAt: Timestamp? = nil, unsubscribedAt: Timestamp? = nil, emailStatus: EmailStatus? = nil,
    isAssigned: Bool, repliedAt: Timestamp? = nil, touchedAt: [Channel: Timestamp] = [:],
    senders: [Channel: ID<Resource>] = [:]
  ) {
    self.bouncedAt = bouncedAt
    self.unsubscribedAt = unsubscribedAt
    self.emailStatus = emailStatus
    self.isAssigned = isAssigned
    self.repliedAt = repliedAt
    self.touchedAt = touchedAt
    self.senders = senders
  }

  /// What the gate looks at, with this sender; nil: the client has none.
  public func gateFacts(on channel: Channel, from sender: Sender?) -> GateFacts {
    GateFacts(
      bouncedAt: bouncedAt, unsubscribedAt: unsubscribedAt, emailStatus: emailStatus,
      isAssigned: isAssigned, repliedAt: repliedAt, lastTouchAt: touchedAt.values.max(),
      lastTouchOnChannelAt: touchedAt[channel], used: sender?.used ?? 0,
      dailyLimit: sender?.dailyLimit ?? 0,
      resetsAt: sender.flatMap { $0.recoversByDay ? $0.resetsAt : nil },
      warmupCompletesAt: sender?.warmupCompletesAt)
  }
}

/// A campaign as far as permits go.
public struct CampaignScope: Hashable, Sendable {
  public let clientID: ID<Client>
  public let isActive: Bool
  /// The resources that it is restricted to; nil: all of its client's.
  public let resources: Set<ID<Resource>>?

  public init(clientID: ID<Client>, isActive: Bool, resources: Set<ID<Resource>>?) {
    self.clientID = clientID
    self.isActive = isActive
    self.resources = resources
  }
}

/// All that permits of one round are decided by, read and locked in one transaction.
public struct PermitFacts: Sendable {
  /// Who sends on what.
  public struct Line: Hashable, Sendable {
    public let clientID: ID<Client>
    public let channel: Channel

    public init(clientID: ID<Client>, channel: Channel) {
      self.clientID = clientID
      self.channel = channel
    }
  }

  /// A lead that is not among them is unknown.
  public var leads: [ClientLead: LeadStanding]
  public var senders: [Line: [Sender]]
  public var campaigns: [ID<Campaign>: CampaignScope]

  public init(
    leads: [ClientLead: LeadStanding] = [:], senders: [Line: [Sender]] = [:],
    campaigns: [ID<Campaign>: CampaignScope] = [:]
  ) {
    self.leads = leads
    self.senders = senders
    self.campaigns = campaigns
  }
}
