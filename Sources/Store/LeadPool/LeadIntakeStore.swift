import Domain
import Postgres

/// The fingerprint of a record: half a SHA-256.
public enum LeadRecord {}

/// One contact that was asked about, and what the database knows of it.
public struct ContactAnswers: Sendable {
  /// The lead that is known by it.
  public var leads: [LeadContact: IntakeGrouping.KnownLead] = [:]
  /// Nobody may contact whoever has it.
  public var suppressed: Set<LeadContact> = []
  /// Of somebody who was forgotten.
  public var erased: Set<LeadContact> = []
}

/// A lead of the pool that a record is about.
public struct KeptRecord: Sendable {
  public let fingerprint: ID<LeadRecord>
  public let receivedAt: Timestamp
  /// Nothing has changed the lead since the record was taken.
  public let isLatestChange: Bool
}

/// Many records at once into the pool: set by set, one statement each.
public enum LeadIntakeStore {
  /// Which of these the database knows: as identities of leads, as suppressed for everybody, as forgotten.
  public static func lookUp(
    _ contacts: [LeadContact], in transaction: inout Transaction
  ) throws -> ContactAnswers {
    var answers = ContactAnswers()
    guard !contacts.isEmpty else { return answers }
    let kinds = contacts.map(\.kind.rawValue)
    let values = contacts.map(\.value)
    let identities = contacts.indices.filter { LeadIdentity.Kind(rawValue: kinds[$0]) != nil }
    let found = try transaction.query([
      """
      WITH asked AS MATERIALIZED (
        SELECT a.place, contact_key(a.kind, a.value, s.salt) AS key
        FROM contact_salt s
        CROSS JOIN unnest(\(identities), \(identities.map { kinds[$0] }), \(identities.map { values[$0] }))
          AS a (place, kind, value))
      SELECT a.place, p.id, p.apollo_id, p.linkedin_key
      FROM asked a JOIN lead_identities i ON i.key = a.key
      JOIN lead_pool o ON o.id = i.lead_id JOIN lead_pool p ON p.id = coalesce(o.merged_into_id, o.id)
      """,
      """
      WITH asked AS MATERIALIZED (
        SELECT a.place, contact_key(a.kind, a.value, s.salt) AS key
        FROM contact_salt s CROSS JOIN unnest(\(kinds), \(values)) WITH ORDINALITY AS a (kind, value, place)
        WHERE EXISTS (SELECT FROM suppressions))
      SELECT a.place - 1, bool_or(s.reason = 'erased')
      FROM asked a JOIN suppressions s ON s.key = a.key AND s.client_id IS NULL AND s.lifted_at IS NULL
      GROUP BY a.place
      """,
    ])
    for row in found[0] {
      let contact = contacts[try row.decode(at: 0, as: Int.self)]
      answers.leads[contact] = IntakeGrouping.KnownLead(
        id: try row.decode(at: 1), apolloID: try row.decode(at: 2), linkedInKey: try row.decode(at: 3))
    }
    for row in found[1] {
      let contact = contacts[try row.decode(at: 0, as: Int.self)]
      if try row.decode(at: 1, as: Bool.self) { answers.erased.insert(contact) }
      answers.suppressed.insert(contact)
    }
    return answers
  }

  /// The records that are kept of these leads, by provider.
  public static func keptRecords(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>: [String: KeptRecord]] {
    var kept: [ID<Lead>: [String: KeptRecord]] = [:]
    let rows = try transaction.query(
      """
      SELECT r.lead_id, r.provider, r.fingerprint, r.received_at, p.updated_at <= r.taken_at
      FROM lead_records r JOIN lead_pool p ON p.id = r.lead_id WHERE r.lead_id = ANY (\(leads))
      """)
    for row in rows {
      kept[try row.decode(at: 0), default: [:]][try row.decode(at: 1)] = KeptRecord(
        fingerprint: try row.decode(at: 2), receivedAt: try row.decode(at: 3),
        isLatestChange: try row.decode(at: 4))
    }
    return kept
  }

  private static let insertion =
    "COPY lead_pool (id, provenance, created_at, updated_at, "
    + LeadField.all.map(\.name).joined(separator: ", ") + ") FROM STDIN (FORMAT binary)"

  /// New leads; a trigger gives them their identities. A violation of `lead_identities_pkey` says that
  /// somebody else brought one of them in meanwhile.
  public static func insert(
    _ leads: [PoolLead], in transaction: inout Transaction
  ) throws {
    guard !leads.isEmpty else { return }
    var texts: [[LeadFactGroup: Provenance]: PostgresJSON] = [:]
    try transaction.copy(insertion) { writer in
      for lead in leads {
        try writer.row(4 + LeadField.all.count)
        writer.value(lead.id)
        let provenance =
          texts[lead.provenance] ?? PostgresJSON(text: ProvenanceText.text(lead.provenance))
        texts[lead.provenance] = provenance
        writer.value(provenance)
        writer.value(lead.createdAt)
        writer.value(lead.updatedAt)
        for field in LeadField.all { write(lead.facts[field], to: &writer) }
      }
    }
  }

  private static func write(_ value: LeadValue?, to writer: inout CopyWriter) {
    switch value {
    case nil: writer.value(String?.none)
    case .text(let text): writer.value(text)
    case .integer(let number): writer.value(number)
    case .number(let number): writer.value(number)
    case .flag(let flag): writer.value(flag)
    case .date(let date): writer.value(StoredDate(date))
    case .texts(let texts): writer.value(texts)
    case .json(let text): writer.value(PostgresJSON(text: text))
    }
  }

  /// More identities of leads, beside those of their present facts. Those they have already stay.
  public static func add(
    _ identities: [(identity: LeadIdentity, lead: ID<Lead>)], in transaction: inout Transaction
  ) {
    guard !identities.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_identities (key, lead_id, kind)
      SELECT DISTINCT contact_key(a.kind, a.value, s.salt), a.lead_id, a.kind
      FROM contact_salt s
      CROSS JOIN unnest(\(identities.map(\.identity.kind.rawValue)), \(identities.map(\.identity.value)),
        \(identities.map(\.lead))) AS a (kind, value, lead_id)
      WHERE NOT EXISTS (SELECT FROM lead_identities i
        WHERE i.key = contact_key(a.kind, a.value, s.salt) AND i.lead_id = a.lead_id)
      ORDER BY 1
      """)
  }

  /// Gives leads new values of some fields, and their provenance. They must be locked.
  ///
  /// - Parameter rows: a JSON array of objects with `id`, `provenance` and the fields by their names; a
  ///   field that is absent becomes null.
  public static func overwrite(
    _ fields: [LeadField], rows: String, count: Int, now: Timestamp, in transaction: inout Transaction
  ) {
    let assignments = fields.map { "\($0.name) = n.\($0.name), " }.joined()
    let columns = fields.map { ", \($0.name) \($0.kind.columnType)" }.joined()
    transaction.enqueue(
      """
      UPDATE lead_pool p SET \(unescaped: assignments)provenance = n.provenance, updated_at = \(now)
      FROM jsonb_to_recordset(\(PostgresJSON(text: rows))) AS n
        (id uuid, provenance jsonb\(unescaped: columns))
      WHERE p.id = n.id
      """, expecting: count)
  }

  /// What the leads know anew, for the ledger.
  /// - Parameter details: for each lead, JSON with the names of fields.
  public static func recordUpdates(
    _ leads: [ID<Lead>], details: [String], because reason: String, now: Timestamp,
    in transaction: inout Transaction
  ) {
    guard !leads.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_ledger (at, lead_id, kind, reason, details)
      SELECT \(now), u.lead_id, 'updated', \(reason), u.details::jsonb
      FROM unnest(\(leads), \(details)) AS u (lead_id, details)
      """)
  }
}

extension LeadField.Kind {
  /// The type of its columns.
  var columnType: String {
    switch self {
    case .text: "text"
    case .integer: "bigint"
    case .number: "double precision"
    case .flag: "boolean"
    case .date: "date"
    case .texts: "text[]"
    case .json: "jsonb"
    }
  }
}

/// A day in the binary form of `date`: days since 2000-01-01.
private struct StoredDate: PostgresEncodable {
  let days: Int32

  init(_ date: CivilDate) { days = Int32(clamping: date.daysSinceEpoch - 10_957) }

  static var postgresType: PostgresType { .date }
  func encode(into bytes: inout [UInt8]) { bytes.appendBigEndian(days) }
}
