/// Which leads are looked for: those for which everything holds.
public struct LeadQuery: Hashable, Sendable {
  /// Leads that nobody should contact, or that speak for nobody: left out unless they are asked for.
  public enum State: String, CaseIterable, Hashable, Sendable {
    case bounced, complained, unsubscribed, merged, erased
  }

  /// In which order; ids go by the time of creation.
  public enum Order: String, CaseIterable, Hashable, Sendable {
    case newest, oldest
  }

  /// The group of facts comes from this source.
  public struct Source: Hashable, Sendable {
    public let group: LeadFactGroup
    public let source: String

    public init(_ group: LeadFactGroup, _ source: String) {
      self.group = group
      self.source = source
    }
  }

  /// From one instant on, until before another.
  public struct Span: Hashable, Sendable {
    public var from: Timestamp?
    public var before: Timestamp?

    public init(from: Timestamp? = nil, before: Timestamp? = nil) {
      self.from = from
      self.before = before
    }
  }

  public var conditions: [LeadCondition]
  /// Words of names, title, headline and company, in any order, the last one perhaps only begun.
  public var text: String?
  /// Whether it has a client.
  public var isAssigned: Bool?
  /// The client whose lead it is.
  public var clientID: ID<Client>?
  /// The score that it has for the client whose it is, 0 to 100; a lead without a client has none.
  public var score: ClosedRange<Int>?
  /// States that are let through.
  public var included: Set<State>
  public var sources: [Source]
  public var created: Span
  public var updated: Span
  public var order: Order

  public static let mostConditions = 50
  public static let longestText = 200

  public init(
    conditions: [LeadCondition] = [], text: String? = nil, isAssigned: Bool? = nil,
    clientID: ID<Client>? = nil, score: ClosedRange<Int>? = nil, included: Set<State> = [],
    sources: [Source] = [], created: Span = Span(),
    updated: Span = Span(), order: Order = .newest
  ) {
    self.conditions = conditions
    self.text = text
    self.isAssigned = isAssigned
    self.clientID = clientID
    self.score = score
    self.included = included
    self.sources = sources
    self.created = created
    self.updated = updated
    self.order = order
  }

  /// Whether words can be looked for: up to 200 characters (Unicode scalars) with a letter or digit.
  public static func isText(_ text: String) -> Bool {
    text.unicodeScalars.count <= longestText && !text.containsControlCharacter
      && text.unicodeScalars.contains { $0.properties.isAlphabetic || $0.properties.numericType != nil }
  }

  /// Whether it asks for leads that have a client.
  public var isOfAssignments: Bool { clientID != nil || isAssigned == true || score != nil }

  /// The same for somebody who sees only one client's leads; nil when it asks for what that one has not.
  public func limited(to client: ID<Client>?) -> LeadQuery? {
    guard let client else { return self }
    guard clientID == nil || clientID == client, isAssigned != false else { return nil }
    var limited = self
    limited.clientID = client
    return limited
  }
}

extension LeadQuery: CustomStringConvertible {
  /// How much is asked: words and values may be personal.
  public var description: String { "search with \(conditions.count) conditions" }
}
