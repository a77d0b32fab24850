/// The leads that a client wants, and how it values them: one row of `client_profiles`.
///
/// A list that is empty asks for nothing. What a profile asks for, a lead must be known to have: one whose
/// industry is unknown does not match a profile with industries.
public struct IdealProfile: Hashable, Sendable {
  public var industries: [String] = []
  /// Words, or words one after the other, of which one must stand in the title: `head of sales`.
  public var titles: [String] = []
  /// Of which none may.
  public var excludedTitles: [String] = []
  /// As Apollo says them: `owner`, `founder`, `c_suite`, `partner`, `vp`, `head`, `director`, `manager`, …
  public var seniorities: [String] = []
  /// Nil: a company of any size, known or not.
  public var employees: ClosedRange<Int>? = defaultEmployees
  /// Of the company; where that is unknown, of the person.
  public var countries: [String] = []
  /// Of the company or the person.
  public var states: [String] = []
  public var cities: [String] = []
  public var technologies: [String] = []
  public var keywords: [String] = []
  /// Companies whose people are never given to the client by the allocator.
  public var excludedDomains: [DomainName] = []
  /// Companies that compete with the client: a risk in the score.
  public var competitorDomains: [DomainName] = []
  public var weights = ScoreWeights.usual
  /// Whether a company whose people the client has is the client's alone.
  public var claimsCompanies = false
  /// Leads on a working day in place of what the quota gives; nil: what the quota gives.
  public var dailyPace: Int?

  public init() {}

  public static let defaultEmployees = 5...50
  /// Entries of one list.
  public static let mostEntries = 500
  /// Characters of one entry.
  public static let longestEntry = 200
  public static let paces = 1...100_000
  public static let sizes = 0...10_000_000
}

/// A profile as it is kept. It has a version, which counts changes, so that scores by an older one are known.
public struct ClientProfile: Hashable, Sendable {
  public let clientID: ID<Client>
  public var profile: IdealProfile
  /// 0 for a client that never said what it wants.
  public var version: Int
  /// Nil with version 0.
  public var updatedAt: Timestamp?

  public init(clientID: ID<Client>, profile: IdealProfile, version: Int, updatedAt: Timestamp?) {
    self.clientID = clientID
    self.profile = profile
    self.version = version
    self.updatedAt = updatedAt
  }
}

/// How texts of profiles and leads are compared.
public enum MatchText {
  /// In lower case, white space at the ends gone and within it one space.
  public static func folded(_ text: String) -> String {
    text.lowercased().split { $0.isWhitespace }.joined(separator: " ")
  }

  /// The words with a space before and after each, so that ` head of sales ` stands in it or does not; empty
  /// for a text without letters or digits.
  public static func words(_ text: String) -> String {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.isEmpty ? "" : " " + words.joined(separator: " ") + " "
  }
}
