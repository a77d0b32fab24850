/// A client's exclusive right to a lead: one row of `lead_assignments` (R16).
public struct LeadAssignment: Hashable, Sendable {
  public enum Status: String, CaseIterable, Hashable, Sendable {
    case active
    /// For ever the client's.
    case converted
    case released
  }

  public let id: ID<LeadAssignment>
  public let leadID: ID<Lead>
  public let clientID: ID<Client>
  public var campaignID: ID<Campaign>?
  public var status: Status
  public let assignedAt: Timestamp
  public var releasedAt: Timestamp?
  public var releaseReason: String?
  public var convertedAt: Timestamp?
  public var repliedAt: Timestamp?
  public var replyIntent: String?
  public var lastContactedAt: Timestamp?
  /// How often the client contacted the lead.
  public var contacts: Int

  public init(
    id: ID<LeadAssignment>, leadID: ID<Lead>, clientID: ID<Client>, campaignID: ID<Campaign>?,
    status: Status, assignedAt: Timestamp, releasedAt: Timestamp?, releaseReason: String?,
    convertedAt: Timestamp?, repliedAt: Timestamp?, replyIntent: String?, lastContactedAt: Timestamp?,
    contacts: Int
  ) {
    self.id = id
    self.leadID = leadID
    self.clientID = clientID
    self.campaignID = campaignID
    self.status = status
    self.assignedAt = assignedAt
    self.releasedAt = releasedAt
    self.releaseReason = releaseReason
    self.convertedAt = convertedAt
    self.repliedAt = repliedAt
    self.replyIntent = replyIntent
    self.lastContactedAt = lastContactedAt
    self.contacts = contacts
  }
}

/// Why a client gave a lead back: 1 to 200 characters on one line, kept in the history.
public struct ReleaseReason: Hashable, Sendable {
  public let text: String

  public init?(_ text: String) {
    guard text.isPlainLine(1...200) else { return nil }
    self.text = text
  }
}
