extension Check {
  /// Invariant 6.
  static let history = [
    Check(
      name: "numbers-agree-with-ledger", invariant: 6,
      rule: "What a number says of its lease is what the last row of the ledger says.",
      sql: """
        SELECT n.vapi_phone_number_id, n.lease_id, n.currently_assigned_to, c.id,
          CASE WHEN l.lease_id IS NULL THEN 'the ledger does not know this lease'
          WHEN l.kind = 'ended' THEN 'the ledger says that this lease has ended'
          ELSE 'the ledger differs in ' || concat_ws(', ',
            CASE WHEN l.vapi_phone_number_id <> n.vapi_phone_number_id THEN 'number' END,
            CASE WHEN l.term <> n.term THEN 'term' END,
            CASE WHEN l.lead_id IS DISTINCT FROM n.currently_assigned_to THEN 'lead' END,
            CASE WHEN l.client_id IS DISTINCT FROM c.id THEN 'client' END,
            CASE WHEN l.customer_phone IS DISTINCT FROM n.customer_phone THEN 'customer phone' END,
            CASE WHEN l.leased_at IS DISTINCT FROM n.assigned_at THEN 'beginning' END,
            CASE WHEN l.release_at IS DISTINCT FROM n.release_at THEN 'release' END,
            CASE WHEN l.appointment_at IS DISTINCT FROM n.appointment_scheduled_at THEN 'appointment' END,
            CASE WHEN l.last_outcome IS DISTINCT FROM n.last_call_outcome THEN 'outcome' END,
            CASE WHEN l.missed_calls IS DISTINCT FROM n.missed_calls THEN 'missed calls' END) END
        FROM signalwire_phone_numbers n
        LEFT JOIN clients c ON c.company_name = n.assigned_broker_company
        LEFT JOIN LATERAL (
          SELECT * FROM phone_number_ledger WHERE lease_id = n.lease_id ORDER BY revision DESC LIMIT 1) AS l
          ON true
        WHERE n.lease_id IS NOT NULL
          AND (l.lease_id IS NULL OR l.kind = 'ended'
            OR (l.vapi_phone_number_id, l.term, l.lead_id, l.client_id, l.customer_phone, l.leased_at,
              l.release_at, l.appointment_at, l.last_outcome, l.missed_calls)
            IS DISTINCT FROM (n.vapi_phone_number_id, n.term, n.currently_assigned_to, c.id, n.customer_phone,
              n.assigned_at, n.release_at, n.appointment_scheduled_at, n.last_call_outcome, n.missed_calls))
        """),
    Check(
      name: "unended-leases-are-live", invariant: 6,
      rule: "A lease that has not ended in the ledger is carried by its number.",
      sql: """
        SELECT b.vapi_phone_number_id, b.lease_id, b.lead_id, b.client_id,
          'the ledger has no end of this lease, and its number does not carry it'
        FROM phone_number_ledger b
        WHERE b.kind = 'leased'
          AND NOT EXISTS (
            SELECT FROM phone_number_ledger e WHERE e.lease_id = b.lease_id AND e.kind = 'ended')
          AND NOT EXISTS (
            SELECT FROM signalwire_phone_numbers n
            WHERE n.vapi_phone_number_id = b.vapi_phone_number_id AND n.lease_id = b.lease_id)
        """),
    Check(
      name: "leases-begin-and-end-once", invariant: 6,
      rule: "In the ledger a lease begins once, first, and ends once at most, last.",
      sql: """
        SELECT min(vapi_phone_number_id), lease_id, NULL, NULL,
          'begun ' || count(*) FILTER (WHERE kind = 'leased') || ' times, ended '
            || count(*) FILTER (WHERE kind = 'ended') || ' times; its rows differ in '
            || CASE WHEN min(vapi_phone_number_id) <> max(vapi_phone_number_id) OR min(term) <> max(term)
              OR min(lead_id::text) <> max(lead_id::text) OR min(client_id::text) <> max(client_id::text)
              THEN 'number, term, lead or client' ELSE 'kind only' END
        FROM phone_number_ledger WHERE lease_id IS NOT NULL
        GROUP BY lease_id
        HAVING count(*) FILTER (WHERE kind = 'leased') <> 1 OR count(*) FILTER (WHERE kind = 'ended') > 1
          OR min(revision) FILTER (WHERE kind = 'leased') <> min(revision)
          OR max(revision) FILTER (WHERE kind = 'ended') <> max(revision)
          OR min(vapi_phone_number_id) <> max(vapi_phone_number_id) OR min(term) <> max(term)
          OR min(lead_id::text) <> max(lead_id::text) OR min(client_id::text) <> max(client_id::text)
        """),
    Check(
      name: "revisions-are-unique", invariant: 6,
      rule: "No two rows of a number's ledger have the same revision.",
      sql: """
        SELECT vapi_phone_number_id, NULL, NULL, NULL, count(*) || ' rows have revision ' || revision
        FROM phone_number_ledger GROUP BY vapi_phone_number_id, revision HAVING count(*) > 1
        """),
    Check(
      name: "no-change-is-forgotten", invariant: 6,
      rule: "A number's ledger has every revision from 0 to the number's own, or ends with its removal.",
      sql: """
        SELECT coalesce(n.vapi_phone_number_id, l.vapi_phone_number_id), NULL, NULL, NULL,
          CASE WHEN l.vapi_phone_number_id IS NULL THEN 'the ledger does not know this number'
          WHEN n.vapi_phone_number_id IS NULL THEN 'the number is gone, and the ledger has no removal of it'
          ELSE 'the number is at revision ' || n.revision || ', its ledger has ' || l.rows || ' rows from '
            || l.first || ' to ' || l.last END
        FROM signalwire_phone_numbers n
        FULL JOIN (
          SELECT vapi_phone_number_id, count(*) AS rows, min(revision) AS first, max(revision) AS last,
            max(revision) FILTER (WHERE kind = 'removed') AS removal
          FROM phone_number_ledger GROUP BY vapi_phone_number_id) AS l
          ON l.vapi_phone_number_id = n.vapi_phone_number_id
        WHERE CASE WHEN n.vapi_phone_number_id IS NULL THEN l.removal IS DISTINCT FROM l.last
          ELSE l.vapi_phone_number_id IS NULL OR l.last <> n.revision END
          OR l.first <> 0 OR l.rows <> l.last - l.first + 1
        """),
  ]

  /// Invariant 7. Answers are found by their form; those that tell of no lease pass.
  static let answers = Check(
    name: "kept-answers-have-their-effect", invariant: 7,
    rule: "A lease of which a kept answer tells is in the ledger.",
    sql: """
      SELECT NULL, a.found[1], NULL, NULL,
        'a kept answer tells of this lease, and the ledger does not know it'
      FROM idempotency_keys k
      CROSS JOIN LATERAL (SELECT regexp_match(encode(k.body, 'escape'),
        '"id": ?"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", ?"term": ?([0-9]{1,18})[,}]') AS found) AS a
      WHERE k.status BETWEEN 200 AND 299 AND a.found IS NOT NULL
        AND NOT EXISTS (SELECT FROM phone_number_ledger l
          WHERE l.lease_id = a.found[1]::uuid AND l.term = a.found[2]::bigint)
      """)

  static let idempotencyKeys = Check(
    name: "idempotency-keys-are-unique", invariant: 7, rule: "An idempotency key of a caller has one answer.",
    sql: """
      SELECT NULL, NULL, NULL, NULL, count(*) || ' answers are kept for one key of caller ' || principal_id
      FROM idempotency_keys GROUP BY principal_id, key HAVING count(*) > 1
      """)

  static let alerts = Check(
    name: "alerts-are-unique", invariant: 7, rule: "A client has at most one open alert.",
    sql: """
      SELECT NULL, NULL, NULL, client_id, count(*) || ' alerts are open'
      FROM alerts WHERE cleared_at IS NULL GROUP BY client_id HAVING count(*) > 1
      """)
}
