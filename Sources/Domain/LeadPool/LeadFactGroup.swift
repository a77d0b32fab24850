/// Facts that come and age together: for each group of a lead its source and time are kept.
public enum LeadFactGroup: String, CaseIterable, Hashable, Sendable {
  case person, role, email, phone, links, place, intent, provider, company, funding, technology, family
  /// What is known of the company's web site.
  case web
}

/// Where a group of facts comes from, and when the source said so.
public struct Provenance: Hashable, Sendable {
  /// A provider or a way in: `apollo`, `csv`, `api`, `manual`.
  public var source: String
  public var at: Timestamp

  public init(source: String, at: Timestamp) {
    self.source = source
    self.at = at
  }
}
