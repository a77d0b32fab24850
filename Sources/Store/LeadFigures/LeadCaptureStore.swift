import Domain
import Postgres

/// How many leads have each field.
public enum LeadCaptureStore {
  /// Counted, in one look at all leads.
  public static func count(
    now: Timestamp, in transaction: inout Transaction
  ) throws -> LeadFigures.Captures {
    let columns = LeadField.all.map { "count(p.\($0.name))" }.joined(separator: ", ")
    let row = try transaction.query(
      """
      SELECT count(*), \(unescaped: columns) FROM lead_pool p
      WHERE p.merged_into_id IS NULL AND p.erased_at IS NULL
      """)[0]
    return LeadFigures.Captures(
      leads: try row.decode(at: 0),
      fields: try LeadField.all.map { .init($0, known: try row.decode(at: $0.ordinal + 1)) },
      isEstimate: false, at: now)
  }

  /// From what PostgreSQL remembers of a sample; nil when it has not looked yet.
  public static func estimate(
    leads: Int, now: Timestamp, in transaction: inout Transaction
  ) throws -> LeadFigures.Captures? {
    let rows = try transaction.query(
      """
      SELECT attname::text, null_frac::float8 FROM pg_stats
      WHERE schemaname = current_schema() AND tablename = 'lead_pool' AND NOT inherited
      """)
    var missing: [String: Double] = [:]
    for row in rows { missing[try row.decode(at: 0)] = try row.decode(at: 1, as: Double.self) }
    guard !missing.isEmpty else { return nil }
    return LeadFigures.Captures(
      leads: leads,
      fields: LeadField.all.map { field in
        .init(field, known: Int((Double(leads) * (1 - (missing[field.name] ?? 1))).rounded()))
      }, isEstimate: true, at: now)
  }

  public static func save(_ captures: LeadFigures.Captures, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      INSERT INTO lead_field_figures AS f (field, leads, known, is_estimate, at)
      SELECT field, \(captures.leads), known, \(captures.isEstimate), \(captures.at)
      FROM unnest(\(captures.fields.map(\.field.name)), \(captures.fields.map(\.known))) AS c (field, known)
      ON CONFLICT ON CONSTRAINT lead_field_figures_pkey DO UPDATE
      SET leads = EXCLUDED.leads, known = EXCLUDED.known, is_estimate = EXCLUDED.is_estimate, at = EXCLUDED.at
      """)
  }

  /// Nil when nobody has looked yet.
  public static func saved(in transaction: inout Transaction) throws -> LeadFigures.Captures? {
    let rows = try transaction.query("SELECT field, leads, known, is_estimate, at FROM lead_field_figures")
    guard let first = rows.first else { return nil }
    var known: [String: Int] = [:]
    for row in rows { known[try row.decode(at: 0)] = try row.decode(at: 2, as: Int.self) }
    return LeadFigures.Captures(
      leads: try first.decode(at: 1),
      fields: LeadField.all.map { .init($0, known: known[$0.name] ?? 0) },
      isEstimate: try first.decode(at: 3), at: try first.decode(at: 4))
  }
}
