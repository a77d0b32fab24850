// `reservoir check`: what the tables must say for the invariants to hold. Most checks read the whole ledger
// once, in hash joins and aggregates, so that a minute is enough for tens of millions of rows.

extension Check {
  /// All of them, in the order in which they are run.
  public static let all: [Check] =
    [protections] + exclusivity + resources + campaigns + supply + leadPool + leadAssignments + permits
    + history + leadContacts + leadImports + templates + [answers, idempotencyKeys, alerts]

  /// Invariant 2.
  static let exclusivity = [
    Check(
      name: "numbers-are-unique", invariant: 2, rule: "A phone number stands in the pool once.",
      sql: """
        SELECT min(vapi_phone_number_id), NULL, NULL, NULL,
          count(*) || ' rows of the pool have the number of this one'
        FROM signalwire_phone_numbers GROUP BY number HAVING count(*) > 1
        """),
    Check(
      name: "leases-are-whole", invariant: 2, rule: "A number is leased with all that a lease has, or free.",
      sql: """
        SELECT vapi_phone_number_id, lease_id, currently_assigned_to, NULL,
          'the number is ' || assignment_status || ', but its lead, lease or times say otherwise'
        FROM signalwire_phone_numbers
        WHERE NOT CASE assignment_status
          WHEN 'assigned' THEN currently_assigned_to IS NOT NULL AND release_at IS NOT NULL
            AND lease_id IS NOT NULL AND assigned_at IS NOT NULL AND assigned_broker_company IS NOT NULL
          WHEN 'available' THEN currently_assigned_to IS NULL AND release_at IS NULL AND lease_id IS NULL
            AND customer_phone IS NULL AND appointment_scheduled_at IS NULL AND missed_calls = 0
          ELSE false END
        """),
    Check(
      name: "one-number-per-lease", invariant: 2, rule: "A live lease is carried by one number.",
      sql: """
        SELECT min(vapi_phone_number_id), lease_id, NULL, NULL, count(*) || ' numbers carry this lease'
        FROM signalwire_phone_numbers WHERE lease_id IS NOT NULL GROUP BY lease_id HAVING count(*) > 1
        """),
    Check(
      name: "one-live-lease-per-lead-and-client", invariant: 2,
      rule: "A lead has at most one live lease per client.",
      sql: """
        SELECT min(n.vapi_phone_number_id), NULL, n.currently_assigned_to, c.id,
          'the lead holds ' || count(*) || ' numbers of this client'
        FROM signalwire_phone_numbers n LEFT JOIN clients c ON c.company_name = n.assigned_broker_company
        WHERE n.currently_assigned_to IS NOT NULL
        GROUP BY n.currently_assigned_to, n.assigned_broker_company, c.id HAVING count(*) > 1
        """),
    Check(
      name: "terms-rise-by-one", invariant: 2, rule: "The leases of a number have the terms 1, 2, 3 …",
      sql: """
        SELECT vapi_phone_number_id, lease_id, lead_id, client_id,
          'term ' || term || ' follows term ' || previous
        FROM (
          SELECT vapi_phone_number_id, lease_id, lead_id, client_id, term,
            coalesce(lag(term) OVER (PARTITION BY vapi_phone_number_id ORDER BY revision), 0) AS previous
          FROM phone_number_ledger WHERE kind = 'leased') AS l
        WHERE term <> previous + 1
        UNION ALL
        SELECT n.vapi_phone_number_id, n.lease_id, n.currently_assigned_to, NULL,
          'the number is at term ' || n.term || ', its ledger at ' || coalesce(l.term, 0)
        FROM signalwire_phone_numbers n
        LEFT JOIN (
          SELECT vapi_phone_number_id, max(term) AS term FROM phone_number_ledger
          WHERE kind = 'leased' GROUP BY vapi_phone_number_id) AS l
          ON l.vapi_phone_number_id = n.vapi_phone_number_id
        WHERE n.term <> coalesce(l.term, 0)
        """),
    // A transaction keeps its instant while it waits for another, and the clocks of two servers differ; the
    // order of the terms is exact, times are compared with a minute's patience.
    Check(
      name: "leases-do-not-overlap", invariant: 2,
      rule: "A lease of a number begins after the one before ended.",
      sql: """
        SELECT vapi_phone_number_id, lease_id, lead_id, client_id,
          CASE WHEN previous_end IS NULL THEN 'the lease before, of term ' || previous || ', never ended'
          ELSE 'it began at ' || at || ', the lease before ended at ' || previous_end END
        FROM (
          SELECT b.vapi_phone_number_id, b.lease_id, b.lead_id, b.client_id, b.at,
            lag(b.term) OVER w AS previous, lag(e.at) OVER w AS previous_end
          FROM phone_number_ledger b
          LEFT JOIN phone_number_ledger e ON e.lease_id = b.lease_id AND e.kind = 'ended'
          WHERE b.kind = 'leased'
          WINDOW w AS (PARTITION BY b.vapi_phone_number_id ORDER BY b.term)) AS l
        WHERE previous IS NOT NULL AND (previous_end IS NULL OR previous_end > at + interval '1 minute')
        """),
    Check(
      name: "leads-point-to-their-numbers", invariant: 2,
      rule: "A lead points to a number that it holds, and to none when it holds none.",
      sql: """
        SELECT l.assigned_phone_number_id, NULL, l.id, NULL,
          CASE WHEN n.vapi_phone_number_id IS NULL THEN 'the lead points to a number that it does not hold'
          ELSE 'the lead has another time for its number than the pool' END
        FROM leads l
        LEFT JOIN signalwire_phone_numbers n
          ON n.vapi_phone_number_id = l.assigned_phone_number_id AND n.currently_assigned_to = l.id
        WHERE l.assigned_phone_number_id IS NOT NULL
          AND (n.vapi_phone_number_id IS NULL OR n.assigned_at IS DISTINCT FROM l.phone_assigned_at)
        UNION ALL
        SELECT n.vapi_phone_number_id, n.lease_id, n.currently_assigned_to, NULL,
          CASE WHEN l.id IS NULL THEN 'the number is held by a lead that does not exist'
          ELSE 'the lead holds the number and points to none' END
        FROM signalwire_phone_numbers n LEFT JOIN leads l ON l.id = n.currently_assigned_to
        WHERE n.currently_assigned_to IS NOT NULL
          AND (l.id IS NULL
            OR (l.assigned_phone_number_id IS NULL AND n.release_at > (SELECT now FROM instant)))
        """),
  ]
}
