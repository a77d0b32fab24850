/// One record on its way into the pool, read and mapped.
public struct IncomingLead: Hashable, Sendable {
  /// Where it stands in what is imported, from 1.
  public var row: Int
  public var facts: LeadFacts
  /// Who says so: `apollo`, `csv`, `api`, `manual`, …
  public var source: String
  /// When the source knew it; facts that are known from later stay.
  public var asOf: Timestamp
  /// The provider's record, as it came; nil when there is none worth keeping.
  public var record: String?
  /// What the record has that `LeadField.all` does not know: paths such as `organization.new_field`.
  public var unknownFields: [String]
  /// The id that a new lead gets; nil: a fresh one. Nobody may have it yet.
  public var newID: ID<Lead>?

  public init(
    row: Int, facts: LeadFacts, source: String, asOf: Timestamp, record: String? = nil,
    unknownFields: [String] = [], newID: ID<Lead>? = nil
  ) {
    self.newID = newID
    self.row = row
    self.facts = facts
    self.source = source
    self.asOf = asOf
    self.record = record
    self.unknownFields = unknownFields
  }
}

/// What became of one record.
public enum IntakeVerdict: Hashable, Sendable {
  /// A new lead.
  case new(ID<Lead>)
  /// A lead of the pool learnt something: fields that changed.
  case updated(ID<Lead>, [LeadField])
  /// A lead of the pool that knows all of it already.
  case unchanged(ID<Lead>)
  /// The row named two leads, or was named twice, and made one of them.
  case merged(ID<Lead>)
  /// The same person as an earlier row of this import, which has been taken in with it.
  case duplicate(ofRow: Int)
  /// It names two leads of the pool: an operator decides.
  case conflict(ID<LeadConflict>)
  /// Taken in, but it must not be contacted by anybody.
  case suppressed(ID<Lead>)
  /// Not taken in: what is wrong with which field.
  case rejected(FieldError)
}

/// Two leads of the pool that one record claims to be one person.
public enum LeadConflict {}
