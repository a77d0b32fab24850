/// The warning that a client's pool ran low or dry.
public struct PoolAlert: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case low = "pool_low"
    case exhausted = "pool_exhausted"
  }

  public enum State: String, CaseIterable, Hashable, Sendable {
    case open, cleared, all
  }

  public let id: ID<PoolAlert>
  public let kind: Kind
  public let clientID: ID<Client>
  public let company: CompanyName
  /// When it was raised.
  public let available: Int
  /// When it was raised; with the numbers out of service.
  public let total: Int
  public let raisedAt: Timestamp
  public var clearedAt: Timestamp?

  public init(
    id: ID<PoolAlert>, kind: Kind, clientID: ID<Client>, company: CompanyName, available: Int, total: Int,
    raisedAt: Timestamp, clearedAt: Timestamp? = nil
  ) {
    self.id = id
    self.kind = kind
    self.clientID = clientID
    self.company = company
    self.available = available
    self.total = total
    self.raisedAt = raisedAt
    self.clearedAt = clearedAt
  }
}

/// What became of an alert.
public enum PoolAlertEvent: Hashable, Sendable {
  case raised(PoolAlert)
  case cleared(PoolAlert)
}
