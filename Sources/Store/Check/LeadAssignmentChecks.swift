extension Check {
  /// Invariants 3 and 6, for who has which lead.
  static let leadAssignments = [
    Check(
      name: "leads-have-one-client", invariant: 3, rule: "A lead has at most one active assignment.",
      sql: """
        SELECT NULL, NULL, lead_id, NULL, count(*) || ' assignments are not released'
        FROM lead_assignments WHERE released_at IS NULL GROUP BY lead_id HAVING count(*) > 1
        """),
    Check(
      name: "companies-that-are-claimed-have-one-client", invariant: 3,
      rule: "Of a company that one client claims no other has people.",
      sql: """
        SELECT NULL, NULL, a.lead_id, a.client_id, 'another client has people of its company'
        FROM lead_assignments a
        WHERE a.claims_company AND a.released_at IS NULL AND EXISTS (
          SELECT FROM lead_assignments o
          WHERE o.company_domain = a.company_domain AND o.client_id <> a.client_id
            AND o.released_at IS NULL)
        """),
    Check(
      name: "lead-assignments-agree-with-their-ledger", invariant: 6,
      rule: "Each assignment of a lead, its release and its conversion stand in the ledger.",
      sql: """
        SELECT NULL, NULL, coalesce(a.lead_id, l.lead_id), coalesce(a.client_id, l.client_id),
          CASE WHEN a.id IS NULL THEN 'the ledger tells of an assignment that is not there'
          WHEN l.id IS NULL THEN 'the ledger does not know this assignment'
          ELSE 'the ledger has ' || l.assigned || ' assignments, ' || l.released || ' releases and '
            || l.converted || ' conversions of what is ' || a.status END
        FROM lead_assignments a
        FULL JOIN (
          SELECT (details->>'assignment_id')::uuid AS id,
            (array_agg(lead_id ORDER BY at DESC))[1] AS lead_id, (array_agg(client_id))[1] AS client_id,
            count(*) FILTER (WHERE kind = 'assigned') AS assigned,
            count(*) FILTER (WHERE kind = 'released') - count(*) FILTER (WHERE kind = 'restored')
              AS released,
            count(*) FILTER (WHERE kind = 'converted') - count(*) FILTER (WHERE kind = 'unconverted')
              AS converted
          FROM lead_ledger
          WHERE kind IN ('assigned', 'released', 'restored', 'converted', 'unconverted', 'withdrawn')
            AND details ? 'assignment_id'
          GROUP BY 1
          HAVING count(*) FILTER (WHERE kind = 'withdrawn') = 0) AS l ON l.id = a.id
        WHERE a.id IS NULL OR l.id IS NULL OR a.client_id <> l.client_id OR l.assigned <> 1
          OR l.released <> (a.status = 'released')::integer
          OR l.converted <> (a.converted_at IS NOT NULL)::integer
        """),
    Check(
      name: "scores-agree-with-their-ledger", invariant: 6,
      rule: "The score of a lead for a client is the last one in the ledger.",
      sql: """
        SELECT NULL, NULL, s.lead_id, s.client_id,
          'it is ' || s.score || ', the ledger says ' || coalesce(l.score, 'nothing')
        FROM lead_scores s
        LEFT JOIN (
          SELECT lead_id, client_id, (array_agg(details->>'to' ORDER BY at DESC))[1] AS score, max(at) AS at
          FROM lead_ledger WHERE kind = 'scored' GROUP BY 1, 2) AS l
          ON l.lead_id = s.lead_id AND l.client_id = s.client_id
        -- What happened in one instant has no order.
        WHERE NOT EXISTS (
          SELECT FROM lead_ledger e
          WHERE e.lead_id = s.lead_id AND e.client_id = s.client_id AND e.kind = 'scored' AND e.at = l.at
            AND e.details->>'to' = s.score::text)
        """),
    Check(
      name: "plans-give-no-more-than-they-say", invariant: 6,
      rule: "What a plan says was given by it are entries of it, and no more than was wanted.",
      sql: """
        SELECT NULL, NULL, NULL, s.client_id,
          'plan ' || s.plan_id || ' counts ' || s.assigned || ' leads, its entries ' || count(e.lead_id)
        FROM lead_plan_shares s
        LEFT JOIN lead_plan_entries e
          ON e.plan_id = s.plan_id AND e.client_id = s.client_id AND e.outcome = 'assigned'
        GROUP BY s.plan_id, s.client_id, s.assigned, s.wanted
        HAVING s.assigned <> count(e.lead_id) OR s.assigned > s.wanted
        """),
  ]
}
