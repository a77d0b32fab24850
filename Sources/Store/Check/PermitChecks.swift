extension Check {
  /// Invariants 4, 5 and 6: usage, permits and their ledger agree.
  static let permits = permitTables + [decisions]

  /// Invariant 5: the server decides each again (`CheckService`).
  public static let decisions = Check(
    name: "decisions-can-be-made-again", invariant: 5,
    rule: "Each decision of the gate, made again from the facts in the ledger, gives the same verdict.",
    about: .resource, sql: "")

  private static let permitTables = [
    Check(
      name: "usage-equals-permits", invariant: 4,
      rule: "What is counted of a resource's day is the number of its permits that were not reported failed.",
      about: .resource,
      sql: """
        WITH counted (resource_id, channel, day, used) AS (
          SELECT resource_id, channel, day, count(*) FROM permits WHERE status <> 'failed' GROUP BY 1, 2, 3
          UNION ALL
          SELECT sender_id, channel, day, count(*) FROM permits
          WHERE status <> 'failed' AND sender_id <> resource_id GROUP BY 1, 2, 3)
        SELECT coalesce(u.resource_id, c.resource_id), NULL, NULL, NULL,
          coalesce(u.channel, c.channel) || ' on ' || coalesce(u.day, c.day) || ': ' || coalesce(u.used, 0)
            || ' are counted, ' || coalesce(c.used, 0) || ' were permitted'
        FROM resource_usage u
        FULL JOIN counted c ON c.resource_id = u.resource_id AND c.channel = u.channel AND c.day = u.day
        WHERE coalesce(u.used, 0) <> coalesce(c.used, 0)
        """),
    Check(
      name: "days-stay-within-limits", invariant: 4,
      rule: "A resource was never used more often in a day than the limit under which it was permitted.",
      about: .resource,
      sql: """
        SELECT resource_id, NULL, NULL, NULL,
          channel || ' on ' || day || ': ' || count(*) || ' of ' || max(daily_limit)
        FROM permits WHERE status <> 'failed'
        GROUP BY resource_id, channel, day HAVING count(*) > max(daily_limit)
        """),
    Check(
      name: "permits-agree-with-ledger", invariant: 6,
      rule: "Each permit was issued once by its ledger, and stands as the last row of it says.",
      about: .resource,
      sql: """
        WITH told AS (
          SELECT permit_id, count(*) FILTER (WHERE kind = 'issued') AS issued,
            count(*) FILTER (WHERE kind IN ('sent', 'failed', 'void')) AS ended,
            (array_agg(kind ORDER BY at DESC, array_position(ARRAY['expired', 'issued'], kind) NULLS FIRST,
              kind))[1] AS last
          FROM permit_ledger WHERE permit_id IS NOT NULL GROUP BY permit_id)
        SELECT p.resource_id, NULL, p.lead_id, p.client_id,
          'permit ' || coalesce(p.id, t.permit_id) || ' is ' || coalesce(p.status, 'missing')
            || ', its ledger says ' || coalesce(t.last, 'nothing')
        FROM permits p FULL JOIN told t ON t.permit_id = p.id
        WHERE p.id IS NULL OR t.permit_id IS NULL OR t.last <> p.status OR t.issued <> 1 OR t.ended > 1
        """),
    Check(
      name: "permits-keep-their-distance", invariant: 5,
      rule: "No client was permitted to contact a lead twice within 72 hours, or 168 on one channel (R14).",
      about: .resource,
      sql: """
        SELECT b.resource_id, NULL, b.lead_id, b.client_id,
          'permits ' || a.id || ' and ' || b.id || ' are ' || (b.issued_at - a.issued_at) || ' apart'
        FROM permits a JOIN permits b ON b.lead_id = a.lead_id AND b.client_id = a.client_id AND b.id <> a.id
          AND b.issued_at >= a.issued_at
          AND (b.issued_at - a.issued_at < interval '72 hours'
            OR (b.channel = a.channel AND b.issued_at - a.issued_at < interval '168 hours'))
        WHERE a.status <> 'failed' AND b.status <> 'failed' AND (b.issued_at > a.issued_at OR b.id > a.id)
        """),
    Check(
      name: "last-touches-follow-permits", invariant: 5,
      rule: "The last touch of a lead on a channel is that of its permits, and there is none without them.",
      about: .resource,
      sql: """
        WITH last AS (
          SELECT lead_id, client_id, channel, max(
            CASE WHEN sent_at IS NULL THEN issued_at ELSE least(sent_at, expires_at) END) AS touched_at
          FROM permits WHERE status <> 'failed' GROUP BY 1, 2, 3)
        SELECT NULL, NULL, coalesce(t.lead_id, l.lead_id), coalesce(t.client_id, l.client_id),
          'the last touch on ' || coalesce(t.channel, l.channel) || ' is '
            || coalesce(t.touched_at::text, 'missing')
        FROM last_touches t
        FULL JOIN last l ON l.lead_id = t.lead_id AND l.client_id = t.client_id AND l.channel = t.channel
        WHERE t.touched_at IS DISTINCT FROM l.touched_at
        """),
  ]
}
