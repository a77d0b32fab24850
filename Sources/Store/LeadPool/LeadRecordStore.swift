import Domain
import Postgres

/// A provider's record on its way to its lead.
public struct NewLeadRecord: Sendable {
  public let lead: ID<Lead>
  public let provider: String
  public let receivedAt: Timestamp
  public let fingerprint: ID<LeadRecord>
  /// JSON as it came.
  public let record: String

  public init(
    lead: ID<Lead>, provider: String, receivedAt: Timestamp, fingerprint: ID<LeadRecord>, record: String
  ) {
    self.lead = lead
    self.provider = provider
    self.receivedAt = receivedAt
    self.fingerprint = fingerprint
    self.record = record
  }
}

/// A record that is kept of a lead.
public struct StoredLeadRecord: Sendable {
  public let provider: String
  public let receivedAt: Timestamp
  public let takenAt: Timestamp
  /// JSON as it came.
  public let record: String
}

/// Records of providers as they came, and what of them no field is there for.
public enum LeadRecordStore {
  /// Of leads that have none yet.
  public static func insert(
    _ records: [NewLeadRecord], now: Timestamp, in transaction: inout Transaction
  ) throws {
    guard !records.isEmpty else { return }
    try transaction.copy(
      """
      COPY lead_records (lead_id, provider, received_at, taken_at, fingerprint, record)
      FROM STDIN (FORMAT binary)
      """
    ) { writer in
      for record in records {
        try writer.row(6)
        writer.value(record.lead)
        writer.value(record.provider)
        writer.value(record.receivedAt)
        writer.value(now)
        writer.value(record.fingerprint)
        writer.value(record.record)
      }
    }
  }

  /// In place of an older one of the same provider. A lead and a provider come once among `records`.
  public static func replace(
    _ records: [NewLeadRecord], now: Timestamp, in transaction: inout Transaction
  ) {
    guard !records.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_records AS r (lead_id, provider, received_at, taken_at, fingerprint, record)
      SELECT n.lead_id, n.provider, n.received_at, \(now), n.fingerprint, n.record::json
      FROM unnest(\(records.map(\.lead)), \(records.map(\.provider)), \(records.map(\.receivedAt)),
        \(records.map(\.fingerprint)), \(records.map(\.record)))
        AS n (lead_id, provider, received_at, fingerprint, record)
      ORDER BY n.lead_id, n.provider
      ON CONFLICT ON CONSTRAINT lead_records_pkey DO UPDATE
      SET received_at = excluded.received_at, taken_at = excluded.taken_at,
        fingerprint = excluded.fingerprint, record = excluded.record
      WHERE excluded.received_at >= r.received_at
      """)
  }

  /// Of the lead and of those that were merged into it, by provider, the latest first.
  public static func list(of lead: ID<Lead>, in transaction: inout Transaction) throws -> [StoredLeadRecord] {
    try transaction.query(
      """
      SELECT provider, received_at, taken_at, record FROM lead_records
      WHERE lead_id = \(lead) OR lead_id IN (SELECT id FROM lead_pool WHERE merged_into_id = \(lead))
      ORDER BY provider COLLATE "C", received_at DESC, lead_id
      """
    ).map { row in
      StoredLeadRecord(
        provider: try row.decode(at: 0), receivedAt: try row.decode(at: 1), takenAt: try row.decode(at: 2),
        record: try row.decode(at: 3, as: PostgresJSON.self).text)
    }
  }

  /// Counts what records had that no field is there for. The rows are the same for everybody who imports:
  /// the last thing of a transaction.
  public static func count(
    _ unknown: [String: [String: Int]], now: Timestamp, in transaction: inout Transaction
  ) {
    let rows = unknown.flatMap { provider, paths in paths.map { (provider, $0.key, $0.value) } }
    guard !rows.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_unknown_fields AS u (provider, path, seen, first_seen_at, last_seen_at)
      SELECT n.provider, n.path, n.seen, \(now), \(now)
      FROM unnest(\(rows.map(\.0)), \(rows.map(\.1)), \(rows.map(\.2))) AS n (provider, path, seen)
      ORDER BY n.provider COLLATE "C", n.path COLLATE "C"
      ON CONFLICT ON CONSTRAINT lead_unknown_fields_pkey DO UPDATE
      SET seen = u.seen + excluded.seen, last_seen_at = greatest(u.last_seen_at, excluded.last_seen_at)
      """)
  }
}
