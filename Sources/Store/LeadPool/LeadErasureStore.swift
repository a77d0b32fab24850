import Domain
import Postgres

/// Forgetting a person: one function for each table that can hold something of them. They run in one
/// transaction that has begun an erasure (`SuppressionStore.beginErasure`), in the order in which they stand
/// here: keys are kept before the addresses go, and the lead goes before its ledgers, because what may be
/// taken out of a ledger depends on it.
public enum LeadErasureStore {
  /// Keys of what the persons are or were known by, of what was suppressed because of them, and of these
  /// addresses, are all that stays; returns how many are new.
  public static func rememberKeys(
    of leads: [ID<Lead>], and addresses: [ContactAddress], now: Timestamp,
    in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      INSERT INTO suppressions (kind, key, reason, source, created_at)
      SELECT DISTINCT ON (k.key) k.kind, k.key, 'erased', 'erasure', \(now)
      FROM (
        SELECT kind, key FROM lead_identities WHERE lead_id = ANY (\(leads))
        UNION ALL
        SELECT kind, key FROM suppressions
        WHERE lead_id = ANY (\(leads)) AND kind <> 'domain' AND reason <> 'erased'
        UNION ALL
        SELECT a.kind, contact_key(a.kind, a.value, s.salt)
        FROM contact_salt s CROSS JOIN unnest(\(addresses.map(\.kind))::text[], \(addresses.map(\.value)))
          AS a (kind, value)) AS k
      ORDER BY k.key, k.kind
      ON CONFLICT DO NOTHING
      """)
  }

  /// Suppressions that have an address of the persons in clear. Those without say the same and more.
  public static func forgetSuppressions(
    of leads: [ID<Lead>], and addresses: [ContactAddress], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM suppressions s
      WHERE s.reason <> 'erased' AND s.key IN (
        SELECT key FROM lead_identities WHERE lead_id = ANY (\(leads))
        UNION ALL
        SELECT key FROM suppressions
        WHERE lead_id = ANY (\(leads)) AND kind <> 'domain' AND reason <> 'erased'
        UNION ALL
        SELECT contact_key(a.kind, a.value, c.salt)
        FROM contact_salt c CROSS JOIN unnest(\(addresses.map(\.kind))::text[], \(addresses.map(\.value)))
          AS a (kind, value))
      """)
  }

  /// Assignments that are active end; converted ones and the trail stay: ids only, without the company.
  public static func releaseAssignments(
    of leads: [ID<Lead>], now: Timestamp, in transaction: inout Transaction
  ) throws -> Int {
    try transaction.query([
      """
      UPDATE lead_assignments
      SET status = 'released', released_at = greatest(\(now), assigned_at), release_reason = 'erased'
      WHERE lead_id = ANY (\(leads)) AND status = 'active'
      """,
      """
      UPDATE lead_assignments SET company_domain = NULL, claims_company = false
      WHERE lead_id = ANY (\(leads)) AND company_domain IS NOT NULL
      """,
    ])[0].affectedRows
  }

  /// Records that no lead has, since somebody was to say whose they are: those that name one of these
  /// addresses. Reads the whole table, since nobody may be overlooked.
  public static func removeClaims(
    naming addresses: [ContactAddress], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM lead_conflicts c
      WHERE EXISTS (
        SELECT FROM unnest(\(addresses.map(\.value))) AS address
        WHERE position(lower(to_jsonb(address)::text) IN lower(c.facts::text)) > 0
          OR position(lower(to_jsonb(address)::text) IN lower(c.record::text)) > 0)
      """)
  }

  /// What it is worth to each client.
  public static func removeScores(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute("DELETE FROM lead_scores WHERE lead_id = ANY (\(leads))")
  }

  /// What the allocator finds it by.
  public static func removeMatches(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute("DELETE FROM lead_matching WHERE lead_id = ANY (\(leads))")
  }

  /// The lead itself: every field, and where it came from.
  public static func emptyLeads(
    _ leads: [ID<Lead>], now: Timestamp, in transaction: inout Transaction
  ) throws -> Int {
    let fields = LeadField.all.map { "\($0.name) = NULL" }.joined(separator: ", ")
    return try transaction.execute(
      """
      UPDATE lead_pool
      SET \(unescaped: fields), provenance = '{}', erased_at = coalesce(erased_at, \(now)),
        updated_at = \(now)
      WHERE id = ANY (\(leads))
      """)
  }

  public static func removeIdentities(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute("DELETE FROM lead_identities WHERE lead_id = ANY (\(leads))")
  }

  /// The providers' records.
  public static func removeRecords(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute("DELETE FROM lead_records WHERE lead_id = ANY (\(leads))")
  }

  /// Claims of records, images of earlier states: what intake, imports and merges left.
  public static func removeTraces(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    let answers = try transaction.query([
      """
      SELECT (SELECT count(*) FROM lead_conflicts WHERE lead_ids && \(leads))
        + (SELECT count(*) FROM lead_changes WHERE lead_id = ANY (\(leads)))
        + (SELECT count(*) FROM lead_merges WHERE before <> '{}'
          AND (kept_id = ANY (\(leads)) OR merged_id = ANY (\(leads))))
      """,
      "SELECT forget_lead_traces(\(leads))",
    ])
    return try answers[0][0].decode(at: 0)
  }

  /// The side that telephones. It leases nothing any more.
  public static func emptyCallers(
    _ leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      UPDATE leads SET primary_email = NULL, first_name = NULL, last_name = NULL, is_closed = true
      WHERE id = ANY (\(leads))
        AND (num_nonnulls(primary_email, first_name, last_name) > 0 OR NOT is_closed)
      """)
  }

  /// Live leases end, as an SQL user would end them: the trigger writes the ledger.
  public static func endLeases(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      UPDATE signalwire_phone_numbers
      SET assignment_status = 'available', currently_assigned_to = NULL
      WHERE currently_assigned_to = ANY (\(leads))
      """)
  }

  /// What the person was called by, in the ledger of numbers: the one thing that may be taken out of it. Each
  /// lease has ended by now, and its row of that kind leads to the others.
  public static func redactNumberLedger(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      UPDATE phone_number_ledger SET customer_phone = NULL
      WHERE customer_phone IS NOT NULL AND lead_id = ANY (\(leads)) AND lease_id = ANY (ARRAY(
        SELECT lease_id FROM phone_number_ledger WHERE kind = 'ended' AND lead_id = ANY (\(leads))))
      """)
  }

  /// The trail keeps which number of ours was given, and nothing else.
  public static func redactInteractions(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      UPDATE interactions i
      SET metadata = coalesce((
        SELECT jsonb_object_agg(m.key, m.value) FROM jsonb_each(i.metadata) AS m
        WHERE m.key IN ('assigned_phone_number_id', 'assigned_phone_number')), '{}')
      WHERE i.lead_id = ANY (\(leads)) AND i.metadata - ARRAY['assigned_phone_number_id',
        'assigned_phone_number'] <> '{}'
      """)
  }

  /// Answers that are kept for a day and speak of the person. Their keys stay, so that a repeated command has
  /// no second effect: it is told that what it was about is gone.
  public static func emptyAnswers(
    about leads: [ID<Lead>], and addresses: [ContactAddress], gone: (status: Int, body: [UInt8]),
    in transaction: inout Transaction
  ) throws -> Int {
    let words = leads.map(\.description) + addresses.map(\.value)
    return try transaction.execute(
      """
      UPDATE idempotency_keys k SET status = \(Int16(gone.status)), body = \(gone.body)
      WHERE EXISTS (
        SELECT FROM unnest(\(words)) AS word
        WHERE position(convert_to(word, 'UTF8') IN k.body) > 0
          OR position(lower(word) IN lower(encode(k.body, 'escape'))) > 0)
      """)
  }
}

/// Finding the rows that are one person, before they are forgotten.
public enum PersonStore {
  /// All rows that are this person: the lead that speaks for them, and all that were merged into it, in the
  /// order of their ids. Empty when the pool has no such lead. The id may be an older platform's.
  public static func rows(
    of id: ID<Lead>, in transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    try transaction.query(
      """
      WITH RECURSIVE up (id, merged_into_id) AS (
        SELECT p.id, p.merged_into_id FROM lead_pool p
        WHERE p.id = coalesce((SELECT lead_pool_id FROM leads WHERE id = \(id)), \(id))
        UNION SELECT p.id, p.merged_into_id FROM up JOIN lead_pool p ON p.id = up.merged_into_id),
      down (id) AS (
        SELECT id FROM up WHERE merged_into_id IS NULL
        UNION SELECT p.id FROM down JOIN lead_pool p ON p.merged_into_id = down.id)
      SELECT id FROM down ORDER BY id
      """
    ).map { try $0.decode(at: 0) }
  }

  /// Everybody with this address, in the pool, on the side that telephones, and in live leases: reads whole
  /// tables, since nobody may be overlooked.
  public static func everybody(
    with address: ContactAddress, in transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    let (kind, value) = (address.kind, address.value)
    return try transaction.query(
      """
      SELECT i.lead_id FROM lead_identities i
      WHERE i.key = (SELECT contact_key(\(kind), \(value), salt) FROM contact_salt)
      UNION
      SELECT id FROM lead_pool
      WHERE \(kind)::text IN ('email', 'phone')
        AND CASE \(kind)::text WHEN 'email' THEN \(value) = ANY (personal_emails)
        WHEN 'phone' THEN phone = \(value) OR \(value) = ANY (phones) END
      UNION
      SELECT coalesce(lead_pool_id, id) FROM leads
      WHERE \(kind)::text = 'email' AND lower(primary_email) = \(value)
      UNION
      SELECT coalesce(l.lead_pool_id, n.currently_assigned_to)
      FROM signalwire_phone_numbers n LEFT JOIN leads l ON l.id = n.currently_assigned_to
      WHERE \(kind)::text = 'phone' AND n.customer_phone = \(value) AND n.currently_assigned_to IS NOT NULL
      ORDER BY 1
      """
    ).map { try $0.decode(at: 0) }
  }

  /// Leads of an older platform enter the pool, so that they are forgotten as all others; those that were
  /// there already, or are nowhere, are passed over.
  public static func takeIn(
    _ leads: [ID<Lead>], now: Timestamp, in transaction: inout Transaction
  ) throws {
    _ = try transaction.query([
      """
      INSERT INTO lead_pool (id, created_at, updated_at)
      SELECT l.id, l.created_at, \(now) FROM leads l WHERE l.id = ANY (\(leads)) AND l.lead_pool_id IS NULL
      ORDER BY l.id
      ON CONFLICT ON CONSTRAINT lead_pool_pkey DO NOTHING
      """,
      "UPDATE leads SET lead_pool_id = id WHERE id = ANY (\(leads)) AND lead_pool_id IS NULL",
    ])
  }

  /// The ids under which leads of the pool telephone: their own, and those of an older platform.
  public static func callers(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    try transaction.query(
      """
      SELECT unnest(\(leads)) UNION SELECT id FROM leads WHERE lead_pool_id = ANY (\(leads)) ORDER BY 1
      """
    ).map { try $0.decode(at: 0) }
  }

  /// Locks the side that telephones, and tells what of a person stands outside the pool's own row.
  public static func lockCallers(
    _ leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> (emails: [EmailAddress], numbers: [PhoneNumber]) {
    let answers = try transaction.query([
      "SELECT primary_email FROM leads WHERE id = ANY (\(leads)) ORDER BY id FOR NO KEY UPDATE",
      """
      SELECT customer_phone FROM signalwire_phone_numbers
      WHERE currently_assigned_to = ANY (\(leads)) AND customer_phone IS NOT NULL
      UNION
      SELECT customer_phone FROM phone_number_ledger
      WHERE kind = 'ended' AND lead_id = ANY (\(leads)) AND customer_phone IS NOT NULL
      """,
    ])
    return (
      try answers[0].compactMap { try $0.decode(at: 0, as: EmailAddress?.self) },
      try answers[1].map { try $0.decode(at: 0) }
    )
  }
}
