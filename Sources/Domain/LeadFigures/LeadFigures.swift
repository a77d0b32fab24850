/// The pool in figures, at one instant.
public struct LeadFigures: Hashable, Sendable {
  /// Counts of leads: of the pool, of a client, of a source.
  public struct Counts: Hashable, Sendable {
    /// Persons known, those merged into others and those forgotten left out. Of a client: those that it has
    /// or had.
    public var leads: Int
    /// Of them: those with an address, number or profile, who neither bounced nor complained nor
    /// unsubscribed.
    public var contactable: Int
    /// With a client now.
    public var assigned: Int
    /// Contacted at least once.
    public var contacted: Int
    /// Contacted, and their mail bounced.
    public var bounced: Int
    public var replied: Int
    public var converted: Int
    /// During the day.
    public var added: Int
    public var claimed: Int
    public var released: Int

    public init(
      leads: Int = 0, contactable: Int = 0, assigned: Int = 0, contacted: Int = 0, bounced: Int = 0,
      replied: Int = 0, converted: Int = 0, added: Int = 0, claimed: Int = 0, released: Int = 0
    ) {
      self.leads = leads
      self.contactable = contactable
      self.assigned = assigned
      self.contacted = contacted
      self.bounced = bounced
      self.replied = replied
      self.converted = converted
      self.added = added
      self.claimed = claimed
      self.released = released
    }

    /// The same, with nothing that happened during the day.
    public var standing: Counts {
      var standing = self
      (standing.added, standing.claimed, standing.released) = (0, 0, 0)
      return standing
    }

    /// The part of the contactable that has a client; nil when there are none.
    public var utilisation: Double? { Self.ratio(assigned, contactable) }
    /// The part of the contactable that got a client during the day.
    public var assignmentRate: Double? { Self.ratio(claimed, contactable) }
    public var bounceRate: Double? { Self.ratio(bounced, contacted) }

    static func ratio(_ part: Int, _ whole: Int) -> Double? {
      whole > 0 ? Double(part) / Double(whole) : nil
    }
  }

  /// How many leads have a field.
  public struct Capture: Hashable, Sendable {
    public let field: LeadField
    public let known: Int

    public init(_ field: LeadField, known: Int) {
      self.field = field
      self.known = known
    }
  }

  public struct Captures: Hashable, Sendable {
    /// Leads that were looked at.
    public let leads: Int
    public let fields: [Capture]
    /// From the statistics of the table, not counted.
    public let isEstimate: Bool
    public let at: Timestamp

    public init(leads: Int, fields: [Capture], isEstimate: Bool, at: Timestamp) {
      self.leads = leads
      self.fields = fields
      self.isEstimate = isEstimate
      self.at = at
    }

    /// Fields that a lead has on average; `specs/lead-pool.md` asks for about 50.
    public var average: Double? {
      leads > 0 ? Double(fields.map(\.known).reduce(0, +)) / Double(leads) : nil
    }

    public static let planned = 50
  }

  public struct Share<Subject: Hashable & Sendable>: Hashable, Sendable {
    public let subject: Subject
    public let counts: Counts

    public init(_ subject: Subject, _ counts: Counts) {
      self.subject = subject
      self.counts = counts
    }
  }

  /// When the counts of leads were made.
  public var at: Timestamp
  public var pool: Counts
  /// Leads with more than one client; must be 0.
  public var collisions: Int
  public var captures: Captures?
  public var clients: [Share<ID<Client>>]
  /// By who told of the person first.
  public var sources: [Share<String>]
  /// The oldest first; the last is today.
  public var days: [Share<CivilDate>]
  /// Nil while nothing is scored.
  public var tiers: LeadTierShares?

  public init(
    at: Timestamp, pool: Counts, collisions: Int, captures: Captures? = nil,
    clients: [Share<ID<Client>>] = [], sources: [Share<String>] = [], days: [Share<CivilDate>] = [],
    tiers: LeadTierShares? = nil
  ) {
    self.at = at
    self.pool = pool
    self.collisions = collisions
    self.captures = captures
    self.clients = clients
    self.sources = sources
    self.days = days
    self.tiers = tiers
  }

  /// The part of the leads with a client that has more than one.
  public var collisionRate: Double? { Counts.ratio(collisions, pool.assigned) }
}

/// How many scored leads are in each tier, beside what was planned.
public struct LeadTierShares: Hashable, Sendable {
  public let counts: [String: Int]

  public init(_ counts: [String: Int]) { self.counts = counts }

  /// The tiers that are contacted, and how many in a hundred leads were planned to be in each.
  public static let planned = [("hot", 10), ("warm", 25), ("cool", 40), ("cold", 25)]

  /// Of the leads that are in a planned tier; nil when none is.
  public func share(of tier: String) -> Double? {
    let all = Self.planned.map { counts[$0.0] ?? 0 }.reduce(0, +)
    return LeadFigures.Counts.ratio(counts[tier] ?? 0, all)
  }
}
