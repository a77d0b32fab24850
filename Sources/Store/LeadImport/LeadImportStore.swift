import Domain
import JSON
import Postgres

/// Imports of leads: `lead_imports`.
public enum LeadImportStore {
  /// Another run of the same file is under way.
  public static let runningConstraint = "lead_imports_one_running"

  private static let columns = """
    i.id, i.kind, i.name, i.source, i.format, i.fingerprint, i.is_rehearsal, i.options, i.actor, i.state,
    i.place_offset, i.place_row, i.place_line, i.place_mode, i.place_key, i.counts, i.failure,
    i.started_at, i.finished_at
    """

  public static func insert(_ new: LeadImport, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      INSERT INTO lead_imports (id, kind, name, source, format, fingerprint, is_rehearsal, options, actor,
        started_at)
      VALUES (\(new.id), \(new.kind), \(new.name), \(new.source), \(new.format), \(new.fingerprint),
        \(new.isRehearsal), \(PostgresJSON(text: new.options)), \(new.actor), \(new.startedAt))
      """, expecting: 1)
  }

  public static func find(_ id: ID<LeadImport>, in transaction: inout Transaction) throws -> LeadImport? {
    try transaction.query("SELECT \(unescaped: columns) FROM lead_imports i WHERE i.id = \(id)")
      .first.map(record)
  }

  /// Locks it until the end of the transaction: of two that work at one import, one waits for the other.
  public static func lock(_ id: ID<LeadImport>, in transaction: inout Transaction) throws -> LeadImport? {
    try transaction.query(
      "SELECT \(unescaped: columns) FROM lead_imports i WHERE i.id = \(id) FOR NO KEY UPDATE"
    ).first.map(record)
  }

  /// The run of this file that is not at its end.
  public static func running(
    _ kind: LeadImport.Kind, fingerprint: String, isRehearsal: Bool, in transaction: inout Transaction
  ) throws -> LeadImport? {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM lead_imports i
      WHERE i.state = 'running' AND i.kind = \(kind) AND i.fingerprint = \(fingerprint)
        AND i.is_rehearsal = \(isRehearsal)
      """
    ).first.map(record)
  }

  /// Newest first.
  public static func list(
    kind: LeadImport.Kind?, state: LeadImport.State?, after id: ID<LeadImport>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [LeadImport] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM lead_imports i
      WHERE i.id < \(id ?? ID(high: .max, low: .max)) AND (\(kind)::text IS NULL OR i.kind = \(kind))
        AND (\(state)::text IS NULL OR i.state = \(state))
      ORDER BY i.id DESC LIMIT \(limit)
      """
    ).map(record)
  }

  /// Writes what changes of a locked import.
  public static func update(_ changed: LeadImport, in transaction: inout Transaction) {
    let place = changed.place
    transaction.enqueue(
      """
      UPDATE lead_imports
      SET state = \(changed.state), place_offset = \(place.offset), place_row = \(place.row),
        place_line = \(place.line), place_mode = \(Int32(clamping: place.mode)), place_key = \(place.key),
        counts = \(PostgresJSON(text: text(changed.counts))), failure = \(changed.failure),
        finished_at = \(changed.finishedAt)
      WHERE id = \(changed.id)
      """, expecting: 1)
  }

  private static func text(_ counts: LeadImportCounts) -> String {
    var members = JSONMap()
    for verdict in LeadRowVerdict.allCases where counts[verdict] != 0 {
      members[verdict.rawValue] = .int(counts[verdict])
    }
    return JSONValue.object(members).text()
  }

  private static func counts(_ json: PostgresJSON) throws -> LeadImportCounts {
    let members = try JSONValue(parsing: json.text)
    var counts = LeadImportCounts()
    for verdict in LeadRowVerdict.allCases { counts[verdict] = members[verdict.rawValue]?.int ?? 0 }
    return counts
  }

  private static func record(_ row: Row) throws -> LeadImport {
    LeadImport(
      id: try row.decode("id"), kind: try row.decode("kind"), name: try row.decode("name"),
      source: try row.decode("source"), format: try row.decode("format"),
      fingerprint: try row.decode("fingerprint"), isRehearsal: try row.decode("is_rehearsal"),
      options: try row.decode("options", as: PostgresJSON.self).text, actor: try row.decode("actor"),
      state: try row.decode("state"),
      place: LeadImportPlace(
        offset: try row.decode("place_offset"), row: try row.decode("place_row"),
        line: try row.decode("place_line"), mode: Int(try row.decode("place_mode", as: Int32.self)),
        key: try row.decode("place_key")),
      counts: try counts(try row.decode("counts")), failure: try row.decode("failure"),
      startedAt: try row.decode("started_at"), finishedAt: try row.decode("finished_at"))
  }
}

extension LeadImport.Kind: PostgresEncodable, PostgresDecodable {}
extension LeadImport.State: PostgresEncodable, PostgresDecodable {}
extension LeadRowVerdict: PostgresEncodable, PostgresDecodable {}
extension LeadUndoOutcome: PostgresEncodable, PostgresDecodable {}
