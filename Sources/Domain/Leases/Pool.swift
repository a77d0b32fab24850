/// The numbers of one client, counted.
public struct Pool: Hashable, Sendable {
  public let clientID: ID<Client>
  public let company: CompanyName
  public let totals: PoolTotals
  /// Leases whose time is over and that nobody has ended yet, whatever the status of their numbers.
  public let overdue: Int
  public let leasesLast24Hours: Int
  public let lowWaterMark: Int

  public init(
    clientID: ID<Client>, company: CompanyName, totals: PoolTotals, overdue: Int, leasesLast24Hours: Int,
    lowWaterMark: Int
  ) {
    self.clientID = clientID
    self.company = company
    self.totals = totals
    self.overdue = overdue
    self.leasesLast24Hours = leasesLast24Hours
    self.lowWaterMark = lowWaterMark
  }

  /// Leased ÷ (leased + available), 0 to 1; 0 without numbers in service.
  public var utilisation: Double {
    let inService = totals.leased + totals.available
    return inService == 0 ? 0 : Double(totals.leased) / Double(inService)
  }

  public var level: PoolLevel {
    PoolLevel(
      available: totals.available, total: totals.leased + totals.available, lowWaterMark: lowWaterMark)
  }
}

/// All pools together, for gauges: no label may name a company.
public struct PoolsTogether: Hashable, Sendable {
  /// Active and free by the one rule.
  public var available = 0
  /// Active and leased; what is due counts as available.
  public var leased = 0
  /// Leases whose time is over and that nobody has ended yet.
  public var overdue = 0
  public var outOfService = 0
  /// How many clients with numbers in service are at each level.
  public var clients: [PoolLevel: Int] = [:]

  public init() {}

  public var total: Int { available + leased + outOfService }
}

/// Where a client's numbers are.
public struct PoolGeography: Hashable, Sendable {
  public struct Place<Name: Hashable & Sendable>: Hashable, Sendable {
    public let name: Name
    public let total: Int
    public let available: Int

    public init(name: Name, total: Int, available: Int) {
      self.name = name
      self.total = total
      self.available = available
    }
  }

  /// By area code, in ascending order; last the numbers without one.
  public let areaCodes: [Place<String?>]
  /// By territory, in ascending order; a number in two of them counts in both.
  public let territories: [Place<String>]

  public init(areaCodes: [Place<String?>], territories: [Place<String>]) {
    self.areaCodes = areaCodes
    self.territories = territories
  }
}

extension PoolGeography.Place where Name == String? {
  /// The states, provinces or countries of the area code: `California`, `Nova Scotia, Prince Edward Island`.
  public var region: String? {
    guard let regions = name.flatMap({ AreaCode($0) })?.regions, !regions.isEmpty else { return nil }
    return regions.map(\.name).joined(separator: ", ")
  }
}
