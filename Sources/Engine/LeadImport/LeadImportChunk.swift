import Domain

/// Some rows of an import, read and ready to be taken in one transaction.
public struct LeadImportChunk: Sendable {
  /// Where the run must stand for them to be next.
  public var start: LeadImportPlace
  public var end: LeadImportPlace
  public var rows: [LeadImportInput]

  public init(start: LeadImportPlace, end: LeadImportPlace, rows: [LeadImportInput]) {
    self.start = start
    self.end = end
    self.rows = rows
  }
}

/// One row: somebody, or why the row is nobody.
public struct LeadImportInput: Sendable {
  public let row: Int
  public var content: Result<IncomingLead, FieldError>
  /// Whose the lead was on an older platform.
  public var claim: LeadClaimText?

  public init(row: Int, content: Result<IncomingLead, FieldError>, claim: LeadClaimText? = nil) {
    self.row = row
    self.content = content
    self.claim = claim
  }
}

/// What an older platform's row says of whose the lead is, not yet looked up.
public struct LeadClaimText: Hashable, Sendable {
  /// A client's id or company name; nil when nobody had the lead.
  public var client: String?
  public var isConverted: Bool
  /// Nil also for one of whom only that is known.
  public var convertedAt: Timestamp?
  public var repliedAt: Timestamp?
  public var lastContactedAt: Timestamp?
  public var contacts: Int
  public var assignedAt: Timestamp?
  /// The row of `leads` that it is.
  public var oldLeadID: ID<Lead>?

  public init(
    client: String? = nil, isConverted: Bool = false, convertedAt: Timestamp? = nil,
    repliedAt: Timestamp? = nil, lastContactedAt: Timestamp? = nil, contacts: Int = 0,
    assignedAt: Timestamp? = nil,
    oldLeadID: ID<Lead>? = nil
  ) {
    self.client = client
    self.isConverted = isConverted
    self.convertedAt = convertedAt
    self.repliedAt = repliedAt
    self.lastContactedAt = lastContactedAt
    self.contacts = contacts
    self.assignedAt = assignedAt
    self.oldLeadID = oldLeadID
  }
}

/// Where chunks come from: a file, a table, a provider.
public protocol LeadImportSource: Sendable {
  /// The rows after the ones before; nil at the end.
  ///
  /// - Throws: `RecordsError` when the rest cannot be read.
  func next() async throws -> LeadImportChunk?
}
