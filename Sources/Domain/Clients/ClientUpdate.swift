/// What a new client is made of.
public struct NewClient: Hashable, Sendable {
  public var companyName: CompanyName
  public var timeZone: TimeZoneName
  /// At least 0.
  public var lowWaterMark: Int

  public init(companyName: CompanyName, timeZone: TimeZoneName = .utc, lowWaterMark: Int = 1) {
    precondition(lowWaterMark >= 0, "a low-water mark below zero")
    self.companyName = companyName
    self.timeZone = timeZone
    self.lowWaterMark = lowWaterMark
  }
}

/// What is to change about a client; nil leaves a field as it is.
public struct ClientUpdate: Hashable, Sendable {
  public var companyName: CompanyName?
  public var timeZone: TimeZoneName?
  /// At least 0.
  public var lowWaterMark: Int?

  public init(companyName: CompanyName? = nil, timeZone: TimeZoneName? = nil, lowWaterMark: Int? = nil) {
    precondition(lowWaterMark ?? 0 >= 0, "a low-water mark below zero")
    self.companyName = companyName
    self.timeZone = timeZone
    self.lowWaterMark = lowWaterMark
  }
}
