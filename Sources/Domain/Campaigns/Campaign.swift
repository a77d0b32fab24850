/// What a client sends with its resources, for one purpose.
public struct Campaign: Hashable, Sendable {
  public enum Status: String, CaseIterable, Hashable, Sendable {
    case active
    case paused
    /// For good: it has no resources any more.
    case ended
  }

  public let id: ID<Campaign>
  public let clientID: ID<Client>
  /// Unique among the client's campaigns.
  public var name: CampaignName
  public var status: Status
  /// Whether it has only those of its client's resources that were named, also in future.
  public var isRestricted: Bool
  public let createdAt: Timestamp

  public init(
    id: ID<Campaign>, clientID: ID<Client>, name: CampaignName, status: Status = .active,
    isRestricted: Bool = false, createdAt: Timestamp
  ) {
    self.id = id
    self.clientID = clientID
    self.name = name
    self.status = status
    self.isRestricted = isRestricted
    self.createdAt = createdAt
  }

  /// As it is after the update; nil when it has ended and something is to change.
  public func applying(_ update: CampaignUpdate) -> Campaign? {
    var changed = self
    changed.name = update.name ?? name
    changed.status = update.status ?? status
    return status == .ended && changed != self ? nil : changed
  }
}

/// 1 to 200 characters (Unicode scalars) on one line.
public struct CampaignName: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// Nil unless 1 to 200 characters, none of them a control character, no white space at the ends.
  public init?(_ text: String) {
    guard text.isPlainLine(1...200), text.unicodeScalars.count <= 200 else { return nil }
    self.text = text
  }

  /// A name that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  public var description: String { text }
}

/// What is to change about a campaign; nil leaves a field as it is.
public struct CampaignUpdate: Hashable, Sendable {
  public var name: CampaignName?
  public var status: Campaign.Status?

  public init(name: CampaignName? = nil, status: Campaign.Status? = nil) {
    self.name = name
    self.status = status
  }
}

/// Which of its client's resources a campaign has.
public enum CampaignSelection: Hashable, Sendable {
  /// All, those of the future too.
  case all
  /// These, whenever the client has them.
  case only([ID<Resource>])

  /// How many resources can be named.
  public static let most = 1_000
}
