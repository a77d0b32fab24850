import Domain
import Postgres

/// Imports in sets: each statement takes a chunk of rows as arrays.
///
/// Rows are always taken in the byte order of their ids: two imports never wait for each other in a circle.
public enum NumberImportStore {
  /// What the pool knows about one row.
  public enum Finding: Hashable, Sendable {
    case new
    /// Everything that the row says is so already.
    case unchanged
    case changed
    /// The number's holder would lose it to another company.
    case leasedElsewhere
    /// The number's holder would find another number under its lease.
    case leasedOtherwise
    /// Another provider id has this number.
    case numberTaken
  }

  /// One finding for each row, in order. Nothing is locked.
  public static func findings(
    _ rows: [ImportNumber], now: Timestamp, in transaction: inout Transaction
  ) throws -> [Finding] {
    let answers = try transaction.query(
      """
      SELECT n.vapi_phone_number_id IS NULL AS is_new, o.number IS NOT NULL AS is_taken,
        n.number = i.number AS has_number,
        coalesce(n.assigned_broker_company = i.company, i.company IS NULL) AS has_company,
        n.name = i.name AND coalesce(n.notes = i.notes, i.notes IS NULL)
          AND coalesce(n.status = i.status, true)
          AND (i.territories = '{}' OR n.territories = i.territories::text[]) AS has_rest,
        coalesce(n.assignment_status = 'assigned' AND n.release_at > \(now), false) AS is_leased
      FROM \(input(rows))
      LEFT JOIN signalwire_phone_numbers n ON n.vapi_phone_number_id = i.id
      LEFT JOIN signalwire_phone_numbers o ON o.number = i.number AND o.vapi_phone_number_id <> i.id
      ORDER BY i.ordinal
      """)
    return try answers.map { row in
      if try row.decode("is_taken") { return .numberTaken }
      if try row.decode("is_new") { return .new }
      let hasNumber: Bool = try row.decode("has_number")
      let hasCompany: Bool = try row.decode("has_company")
      let isLeased: Bool = try row.decode("is_leased")
      if isLeased && !hasCompany { return .leasedElsewhere }
      if isLeased && !hasNumber { return .leasedOtherwise }
      return try hasNumber && hasCompany && row.decode("has_rest") ? .unchanged : .changed
    }
  }

  /// The leads whose lease is due and would end by these rows, because its number moves to another company or
  /// gets other digits.
  public static func leavingLeads(
    _ rows: [ImportNumber], now: Timestamp, in transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    try transaction.query(
      """
      SELECT n.currently_assigned_to
      FROM \(input(rows))
      JOIN signalwire_phone_numbers n ON n.vapi_phone_number_id = i.id
      WHERE n.assignment_status = 'assigned' AND n.release_at <= \(now)
        AND (n.assigned_broker_company <> i.company OR n.number <> i.number)
      """
    ).map { try $0.decode(at: 0) }
  }

  /// Locks leads, for changes of their pointers. All of an import in one go, so that two imports take them in
  /// one order; and before any number.
  public static func lockLeads(_ leads: Set<ID<Lead>>, in transaction: inout Transaction) {
    transaction.enqueue(
      "SELECT FROM leads WHERE id = ANY (\(leads.sorted())) ORDER BY id FOR NO KEY UPDATE")
  }

  /// Locks those of the ids that exist.
  public static func lock(_ ids: [ProviderNumberID], in transaction: inout Transaction) {
    transaction.enqueue(
      """
      SELECT FROM signalwire_phone_numbers WHERE vapi_phone_number_id = ANY (\(ids))
      ORDER BY vapi_phone_number_id COLLATE "C" FOR UPDATE
      """)
  }

  /// Returns how many came in; those whose id came in meanwhile did not.
  public static func insert(
    _ rows: [ImportNumber], now: Timestamp, in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name, assigned_broker_company,
        notes, status, territories, created_at, updated_at)
      SELECT i.id, i.number, i.name, i.company, i.notes, coalesce(i.status, 'active'),
        i.territories::text[], \(now), \(now)
      FROM \(input(rows)) ORDER BY i.ordinal
      ON CONFLICT ON CONSTRAINT signalwire_phone_numbers_pkey DO NOTHING
      """)
  }

  /// Returns how many changed. What a row leaves out keeps its value.
  public static func update(_ rows: [ImportNumber], in transaction: inout Transaction) throws -> Int {
    try transaction.execute(
      """
      UPDATE signalwire_phone_numbers n SET number = i.number, name = i.name,
        assigned_broker_company = coalesce(i.company, n.assigned_broker_company),
        notes = coalesce(i.notes, n.notes), status = coalesce(i.status, n.status),
        territories = CASE WHEN i.territories = '{}' THEN n.territories ELSE i.territories::text[] END
      FROM \(input(rows)) WHERE n.vapi_phone_number_id = i.id
      """)
  }
}

/// The rows as a table `i (id, number, name, company, notes, status, territories, ordinal)`.
private struct ImportInput {
  let rows: [ImportNumber]
}

private func input(_ rows: [ImportNumber]) -> ImportInput { ImportInput(rows: rows) }

extension SQL.StringInterpolation {
  fileprivate mutating func appendInterpolation(_ input: ImportInput) {
    let rows = input.rows
    appendLiteral("unnest(")
    appendInterpolation(rows.map(\.providerNumberID))
    appendLiteral(", ")
    appendInterpolation(rows.map(\.number))
    appendLiteral(", ")
    appendInterpolation(rows.map(\.name))
    appendLiteral(", ")
    appendInterpolation(rows.map(\.company))
    appendLiteral(", ")
    appendInterpolation(rows.map(\.notes))
    appendLiteral(", ")
    appendInterpolation(rows.map(\.status))
    appendLiteral(", ")
    appendInterpolation(rows.map { arrayText($0.territories) })
    appendLiteral(
      ") WITH ORDINALITY AS i (id, number, name, company, notes, status, territories, ordinal)")
  }
}

/// An array in PostgreSQL's own notation: arrays of arrays must all have the same length, texts need not.
private func arrayText(_ elements: [String]) -> String {
  var text = "{"
  for (index, element) in elements.enumerated() {
    if index > 0 { text += "," }
    text += "\""
    for scalar in element.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    text += "\""
  }
  return text + "}"
}
