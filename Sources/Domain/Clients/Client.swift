/// The tenant who receives resources and leads. A broker company is one.
public struct Client: Hashable, Sendable {
  public let id: ID<Client>
  public var companyName: CompanyName
  /// Decides the local day of its leases (R17) and of its daily limits (R12).
  public var timeZone: TimeZoneName
  /// An alert is raised when so few numbers, or fewer, are available; 0 warns only of an exhausted pool.
  public var lowWaterMark: Int
  public let createdAt: Timestamp

  public init(
    id: ID<Client>, companyName: CompanyName, timeZone: TimeZoneName, lowWaterMark: Int = 0,
    createdAt: Timestamp
  ) {
    precondition(lowWaterMark >= 0, "a low-water mark below zero")
    self.id = id
    self.companyName = companyName
    self.timeZone = timeZone
    self.lowWaterMark = lowWaterMark
    self.createdAt = createdAt
  }
}
