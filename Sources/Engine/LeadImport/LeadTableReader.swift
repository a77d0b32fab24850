import Domain
import JSON

/// Reads the cells of a row as facts, by the meaning of their columns.
struct LeadTableReader {
  private let mapping: LeadColumnMapping
  private let claims: LeadClaimColumns?
  private let region: String

  init(_ mapping: LeadColumnMapping, claims: LeadClaimColumns?, region: String) {
    self.mapping = mapping
    self.claims = claims
    self.region = region
  }

  /// A cell that is no value of its field is kept in the record and counted, like one that nobody knows; a
  /// wrong address or number is a fault only when nobody can be made of the rest.
  func read(
    _ cells: [String], row: Int, source: String, asOf: Timestamp
  ) -> (lead: Result<IncomingLead, FieldError>, claim: LeadClaimText?) {
    var facts = LeadFacts()
    var unknown: [String] = []
    for (place, cell) in cells.enumerated() where !cell.trimmed.isEmpty {
      switch mapping.meanings[place] {
      case .field(let field):
        if let value = Self.value(cell, field) {
          facts[field] = value
        } else {
          unknown.append("\(printable(mapping.headings[place])) (not \(field.kind.expectation))")
        }
      case .unknown: unknown.append(printable(mapping.headings[place]))
      case .ignored, .special: continue
      }
    }
    let (normal, errors) = facts.normalised(region: region)
    unknown += errors.map { "\($0.field) (not understood)" }
    let claim = claims.map { $0.read(cells, mapping.headings) }
    if let missing = normal.missingIdentity { return (.failure(errors.first ?? missing), claim) }
    return (
      .success(
        IncomingLead(
          row: row, facts: normal, source: source, asOf: asOf, record: record(cells),
          unknownFields: unknown)),
      claim
    )
  }

  private static func value(_ cell: String, _ field: LeadField) -> LeadValue? {
    guard let value = field.kind.value(fromText: cell) else { return nil }
    if case .json(let text) = value {
      guard let json = try? JSONValue(parsing: text) else { return nil }
      return .json(json.text())
    }
    return value
  }

  /// The row as JSON: what no field is there for is still there.
  private func record(_ cells: [String]) -> String {
    var members = JSONMap()
    for (place, cell) in cells.enumerated() where !cell.isEmpty && mapping.meanings[place] != .ignored {
      members[mapping.headings[place].isEmpty ? "column \(place + 1)" : mapping.headings[place]] = .string(
        cell)
    }
    return JSONValue.object(members).text()
  }

  private func printable(_ heading: String) -> String {
    String(
      String.UnicodeScalarView(
        heading.unicodeScalars.prefix(100).filter { $0.properties.generalCategory != .control }))
  }
}

/// Which columns of an older platform's table say whose a lead is.
public struct LeadClaimColumns: Hashable, Sendable {
  public var client: String?
  public var converted: String?
  public var replied: String?
  public var lastContacted: String?
  public var contacts: String?
  public var assigned: String?
  /// The id of a row of `leads`.
  public var oldLead: String?

  public init(
    client: String? = nil, converted: String? = nil, replied: String? = nil, lastContacted: String? = nil,
    contacts: String? = nil, assigned: String? = nil, oldLead: String? = nil
  ) {
    self.client = client
    self.converted = converted
    self.replied = replied
    self.lastContacted = lastContacted
    self.contacts = contacts
    self.assigned = assigned
    self.oldLead = oldLead
  }

  var all: Set<String> {
    Set([client, converted, replied, lastContacted, contacts, assigned, oldLead].compactMap { $0 })
  }

  static var usual: [(WritableKeyPath<LeadClaimColumns, String?>, [String])] {
    [
      (\.client, ["client_id", "client", "client_name", "broker", "tenant", "tenant_id"]),
      (\.converted, ["converted_at", "converted", "is_converted", "won_at"]),
      (\.replied, ["replied_at"]),
      (\.lastContacted, ["last_contacted_at", "last_contacted", "last_contact_at", "last_touch_at"]),
      (\.contacts, ["contacts", "contact_count", "touches"]),
      (\.assigned, ["assigned_at", "created_at", "created"]),
    ]
  }

  /// The columns as they are written in the table: those that were named, else those that are usually called
  /// so.
  ///
  /// - Throws: `LeadColumnMapping.Fault` for one that was named and is not there.
  func resolved(in headings: [String]) throws(LeadColumnMapping.Fault) -> LeadClaimColumns {
    var resolved = self
    for (path, names) in Self.usual {
      let wanted = self[keyPath: path].map { [$0] } ?? names
      let found = wanted.lazy.compactMap { name in
        headings.first { $0 == name }
          ?? headings.first { LeadColumnGuess.key($0) == LeadColumnGuess.key(name) }
      }.first
      if found == nil, let named = self[keyPath: path] { throw .noColumn(named) }
      resolved[keyPath: path] = found
    }
    return resolved
  }

  /// What a row says; a cell that is no time or number says nothing.
  func read(_ cells: [String], _ headings: [String]) -> LeadClaimText {
    func cell(_ column: String?) -> String? {
      guard let column, let place = headings.firstIndex(of: column) else { return nil }
      let text = cells[place].trimmed
      return text.isEmpty ? nil : text
    }
    let assigned = cell(assigned).flatMap(Self.time)
    let contacted = cell(lastContacted).flatMap(Self.time)
    return LeadClaimText(
      client: cell(client),
      isConverted: cell(converted).map(Self.isYes) ?? false,
      convertedAt: cell(converted).flatMap(Self.time),
      repliedAt: cell(replied).flatMap(Self.time), lastContactedAt: contacted,
      contacts: cell(contacts).flatMap { Int($0) }.map { min(max($0, 0), 1_000_000) } ?? 0,
      assignedAt: assigned, oldLeadID: cell(oldLead).flatMap { ID($0) })
  }

  /// A time, or a plain yes.
  private static func isYes(_ text: String) -> Bool {
    time(text) != nil || LeadField.Kind.flag.value(fromText: text) == .flag(true)
  }

  /// RFC 3339, PostgreSQL's way of writing it, or a day. Without an offset it is UTC.
  static func time(_ text: String) -> Timestamp? {
    var text = text
    if text.utf8.count == 10 { text += "T00:00:00" }
    if let space = text.firstIndex(of: " ") { text.replaceSubrange(space...space, with: "T") }
    if let time = Timestamp(text) { return time }
    // PostgreSQL's `+00`.
    return Timestamp(text + ":00") ?? Timestamp(text + "Z")
  }
}
