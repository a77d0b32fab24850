import Domain
import Postgres

/// The pool's figures day by day: `lead_daily_figures`.
public enum LeadDayStore {
  private static let columns = """
    leads, contactable, assigned, contacted, bounced, replied, converted, added, claimed, released
    """

  /// Writes the day, in place of what it was when somebody looked before.
  public static func save(
    _ counted: LeadFiguresStore.Counted, of day: CivilDate, now: Timestamp, in transaction: inout Transaction
  ) {
    let rows = rows(counted)
    transaction.enqueue(
      """
      INSERT INTO lead_daily_figures AS f (day, at, scope, subject, \(unescaped: columns))
      SELECT (\(day.description)::text)::date, \(now), r.* FROM unnest(\(rows.map(\.scope)),
        \(rows.map(\.subject)), \(rows.map(\.counts.leads)), \(rows.map(\.counts.contactable)),
        \(rows.map(\.counts.assigned)), \(rows.map(\.counts.contacted)), \(rows.map(\.counts.bounced)),
        \(rows.map(\.counts.replied)), \(rows.map(\.counts.converted)), \(rows.map(\.counts.added)),
        \(rows.map(\.counts.claimed)), \(rows.map(\.counts.released))) AS r
      ON CONFLICT ON CONSTRAINT lead_daily_figures_pkey DO UPDATE
      SET at = EXCLUDED.at, leads = EXCLUDED.leads, contactable = EXCLUDED.contactable,
        assigned = EXCLUDED.assigned, contacted = EXCLUDED.contacted, bounced = EXCLUDED.bounced,
        replied = EXCLUDED.replied, converted = EXCLUDED.converted, added = EXCLUDED.added,
        claimed = EXCLUDED.claimed, released = EXCLUDED.released
      """)
  }

  private static func rows(
    _ counted: LeadFiguresStore.Counted
  ) -> [(scope: String, subject: String, counts: LeadFigures.Counts)] {
    [("pool", "", counted.pool)]
      + counted.clients.sorted { $0.key < $1.key }.map { ("client", "\($0.key)", $0.value) }
      + counted.sources.sorted { $0.key < $1.key }.map { ("source", $0.key, $0.value) }
  }

  /// What happened on a day that is over, when it was looked at last before its end. Who came after that look
  /// gets a row.
  public static func finish(
    _ day: CivilDate, _ counted: LeadFiguresStore.Counted, in transaction: inout Transaction
  ) {
    let rows = rows(counted)
    transaction.enqueue(
      """
      INSERT INTO lead_daily_figures AS f (day, at, scope, subject, added, claimed, released)
      SELECT looked.day, looked.at, r.* FROM lead_daily_figures looked,
        unnest(\(rows.map(\.scope)), \(rows.map(\.subject)), \(rows.map(\.counts.added)),
          \(rows.map(\.counts.claimed)), \(rows.map(\.counts.released))) AS r
      WHERE looked.day = (\(day.description)::text)::date AND looked.scope = 'pool'
      ON CONFLICT ON CONSTRAINT lead_daily_figures_pkey DO UPDATE
      SET added = EXCLUDED.added, claimed = EXCLUDED.claimed, released = EXCLUDED.released
      """)
  }

  /// Whether the day was looked at after its end.
  public static func isFinished(_ day: CivilDate, in transaction: inout Transaction) throws -> Bool {
    let at: Timestamp? = try transaction.query(
      "SELECT max(at) FROM lead_daily_figures WHERE day > (\(day.description)::text)::date AND scope = 'pool'"
    ).first?.decode(at: 0)
    return at != nil
  }

  /// Of the pool, or of one client, the oldest first.
  public static func days(
    from day: CivilDate, of client: ID<Client>?, in transaction: inout Transaction
  ) throws -> [LeadFigures.Share<CivilDate>] {
    try transaction.query(
      """
      SELECT day::text AS subject, \(unescaped: columns) FROM lead_daily_figures
      WHERE day >= (\(day.description)::text)::date AND scope = \(client == nil ? "pool" : "client")
        AND subject = \(client?.description ?? "")
      ORDER BY day
      """
    ).compactMap { row in
      guard let day = CivilDate(try row.decode("subject")) else { return nil }
      return .init(day, try counts(row))
    }
  }

  /// The last day that somebody looked at, and when; nil when nobody has.
  public static func latest(
    in transaction: inout Transaction
  ) throws -> (counted: LeadFiguresStore.Counted, day: CivilDate, at: Timestamp)? {
    let rows = try transaction.query(
      """
      SELECT scope, subject, day::text AS day, at, \(unescaped: columns) FROM lead_daily_figures
      WHERE day = (SELECT max(day) FROM lead_daily_figures)
      """)
    var counted = LeadFiguresStore.Counted()
    var looked: (day: CivilDate, at: Timestamp)?
    for row in rows {
      let subject: String = try row.decode("subject")
      switch try row.decode("scope", as: String.self) {
      case "client": if let id = ID<Client>(subject) { counted.clients[id] = try counts(row) }
      case "source": counted.sources[subject] = try counts(row)
      default:
        counted.pool = try counts(row)
        looked = try CivilDate(row.decode("day")).map { ($0, try row.decode("at")) }
      }
    }
    return looked.map { (counted, $0.day, $0.at) }
  }

  private static func counts(_ row: Row) throws -> LeadFigures.Counts {
    LeadFigures.Counts(
      leads: try row.decode("leads"), contactable: try row.decode("contactable"),
      assigned: try row.decode("assigned"), contacted: try row.decode("contacted"),
      bounced: try row.decode("bounced"), replied: try row.decode("replied"),
      converted: try row.decode("converted"), added: try row.decode("added"),
      claimed: try row.decode("claimed"), released: try row.decode("released"))
  }
}
