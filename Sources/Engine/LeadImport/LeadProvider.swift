import Domain

/// Somebody who knows people: searches for them, and tells what it knows. No transaction is open while it is
/// asked.
public protocol LeadProvider: Sendable {
  /// What its records are said to come from: `apollo`.
  var name: String { get }

  /// Costs nothing.
  ///
  /// - Parameter page: from 1.
  func search(_ filters: ScoutFilters, page: Int) async throws(ProviderFailure) -> ScoutPage

  /// Asks for all that is known of these people; costs credits. At most `LeadProviderLimits.batch`.
  func enrich(_ ids: [String]) async throws(ProviderFailure) -> ScoutAnswer
}

public enum LeadProviderLimits {
  /// People that may be asked for at once.
  public static let batch = 10
  /// People of one page of a search, and the last page that is shown.
  public static let page = 100
  public static let pages = 500
}

/// A page of a search: ids only, since nothing else of it is worth keeping.
public struct ScoutPage: Hashable, Sendable {
  /// All that the search finds.
  public let total: Int
  public let ids: [String]
  public let pace: ScoutPace

  public init(total: Int, ids: [String], pace: ScoutPace = .free) {
    self.total = total
    self.ids = ids
    self.pace = pace
  }
}

/// What the provider knows of people.
public struct ScoutAnswer: Hashable, Sendable {
  /// A record for each that was found, as JSON.
  public let people: [[UInt8]]
  /// May be a fraction; nil when it does not say.
  public let credits: Double?
  public let pace: ScoutPace

  public init(people: [[UInt8]], credits: Double?, pace: ScoutPace = .free) {
    self.people = people
    self.credits = credits
    self.pace = pace
  }
}

/// What the provider's limits leave.
public enum ScoutPace: Hashable, Sendable {
  case free
  /// The next call should wait this long.
  case wait(Duration)
  /// Nothing more for a long time: the hour's or the day's calls are used up.
  case exhausted
}
