/// Which numbers a list shows: those that match every condition that is set.
public struct NumberFilter: Hashable, Sendable {
  public var company: CompanyName?
  public var clientID: ID<Client>?
  public var status: PhoneNumberStatus?
  /// As the table says: a due lease counts as assigned until it was swept or its number was claimed.
  public var assignmentStatus: AssignmentStatus?
  /// Digits; one that no number has matches nothing.
  public var areaCode: String?

  public init(
    company: CompanyName? = nil, clientID: ID<Client>? = nil, status: PhoneNumberStatus? = nil,
    assignmentStatus: AssignmentStatus? = nil, areaCode: String? = nil
  ) {
    self.company = company
    self.clientID = clientID
    self.status = status
    self.assignmentStatus = assignmentStatus
    self.areaCode = areaCode
  }
}

/// What is to change about a number; nil leaves a field as it is.
public struct NumberUpdate: Hashable, Sendable {
  public var status: PhoneNumberStatus?
  public var name: String?
  /// `.some(nil)` removes the notes.
  public var notes: String??
  public var territories: [String]?

  public init(
    status: PhoneNumberStatus? = nil, name: String? = nil, notes: String?? = nil,
    territories: [String]? = nil
  ) {
    self.status = status
    self.name = name
    self.notes = notes
    self.territories = territories
  }
}
