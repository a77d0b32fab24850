/// The right to contact one lead once, on one channel, from one resource: single-use, expiring, with its
/// place in the day's limit reserved.
public struct Permit: Hashable, Sendable {
  public enum Status: String, CaseIterable, Hashable, Sendable {
    /// May be used until it expires.
    case issued
    /// Used: a touch.
    case sent
    /// Nothing left the building: its place in the limit was given back, and it is no touch.
    case failed
    /// Nobody said what came of it. It stays counted, since a lost answer may have been a sent mail.
    case expired
    /// The lead opted out, bounced or changed hands before it was used.
    case void

    /// Whether it counts for limits and for the gaps between touches.
    public var isCounted: Bool { self != .failed }
  }

  public let id: ID<Permit>
  public let clientID: ID<Client>
  public let leadID: ID<Lead>
  public let channel: Channel
  /// Whose limit it counts for: a domain, number or seat.
  public let resourceID: ID<Resource>
  /// What to send from: a mailbox of that domain, else the resource itself.
  public let senderID: ID<Resource>
  /// The sender as providers know it: an address, number or name.
  public let sender: String
  public let campaignID: ID<Campaign>?
  /// The resource's day in which it counts (R12).
  public let day: CivilDate
  public let issuedAt: Timestamp
  public let expiresAt: Timestamp
  /// What the resource may do in that day, and how much of it is used, this permit included.
  public let dailyLimit: Int
  public let used: Int
  /// When that day ends.
  public let resetsAt: Timestamp
  public var status: Status
  /// When the send was reported.
  public var sentAt: Timestamp?
  public var providerMessageID: String?

  public init(
    id: ID<Permit>, clientID: ID<Client>, leadID: ID<Lead>, channel: Channel, resourceID: ID<Resource>,
    senderID: ID<Resource>, sender: String, campaignID: ID<Campaign>?, day: CivilDate, issuedAt: Timestamp,
    expiresAt: Timestamp, dailyLimit: Int, used: Int, resetsAt: Timestamp, status: Status = .issued,
    sentAt: Timestamp? = nil, providerMessageID: String? = nil
  ) {
    self.id = id
    self.clientID = clientID
    self.leadID = leadID
    self.channel = channel
    self.resourceID = resourceID
    self.senderID = senderID
    self.sender = sender
    self.campaignID = campaignID
    self.day = day
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
    self.dailyLimit = dailyLimit
    self.used = used
    self.resetsAt = resetsAt
    self.status = status
    self.sentAt = sentAt
    self.providerMessageID = providerMessageID
  }

  /// For how long it may be used.
  public static let lifetime: Duration = .minutes(15)
}

extension Permit: CustomStringConvertible {
  /// The id only: the sender may be a person's address.
  public var description: String { "permit \(id)" }
}

/// The wish to contact a lead.
public struct PermitRequest: Hashable, Sendable {
  public var clientID: ID<Client>
  public var leadID: ID<Lead>
  public var channel: Channel
  /// The only resource to send from, a mailbox's id included; nil leaves the choice to the rules.
  public var resourceID: ID<Resource>?
  public var campaignID: ID<Campaign>?

  public init(
    clientID: ID<Client>, leadID: ID<Lead>, channel: Channel, resourceID: ID<Resource>? = nil,
    campaignID: ID<Campaign>? = nil
  ) {
    self.clientID = clientID
    self.leadID = leadID
    self.channel = channel
    self.resourceID = resourceID
    self.campaignID = campaignID
  }
}
