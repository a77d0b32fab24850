extension Check {
  /// Invariants 1 and 6, for the resource pool.
  static let resources = [
    Check(
      name: "resources-have-room", invariant: 1,
      rule: "A resource has at most as many unreleased assignments as places, and counts them rightly.",
      about: .resource,
      sql: """
        SELECT r.id, NULL, NULL, NULL,
          r.current_clients || ' clients are counted, ' || coalesce(a.count, 0) || ' have it, for '
            || r.max_clients || ' places; ' || r.held_clients || ' and ' || coalesce(a.held, 0)
            || ' are on hold'
        FROM resource_pool r
        LEFT JOIN (
          SELECT resource_pool_id, count(*), count(held_until) AS held
          FROM client_resources WHERE released_at IS NULL GROUP BY 1) AS a
          ON a.resource_pool_id = r.id
        WHERE (r.current_clients, r.held_clients) <> (coalesce(a.count, 0), coalesce(a.held, 0))
          OR r.current_clients > r.max_clients
        """),
    Check(
      name: "clients-have-a-resource-once", invariant: 1,
      rule: "A client has one unreleased assignment of a resource at most.", about: .resource,
      sql: """
        SELECT resource_pool_id, NULL, NULL, client_id, count(*) || ' unreleased assignments'
        FROM client_resources WHERE released_at IS NULL
        GROUP BY resource_pool_id, client_id HAVING count(*) > 1
        """),
    Check(
      name: "resource-states-agree-with-places", invariant: 1,
      rule: "A resource is available while it has a free place, and assigned when it has none.",
      about: .resource,
      sql: """
        SELECT id, NULL, NULL, NULL, 'it is ' || status || ' with ' || current_clients || ' of '
          || max_clients || ' places taken'
        FROM resource_pool
        WHERE status IN ('available', 'assigned', 'held')
          AND status <> CASE WHEN current_clients < max_clients THEN 'available'
            WHEN held_clients = current_clients THEN 'held' ELSE 'assigned' END
        """),
    Check(
      name: "phone-numbers-are-one-truth", invariant: 1,
      rule: "A telephone number belongs to the same client as a resource and in the pool of numbers.",
      about: .resource,
      sql: """
        SELECT r.id, NULL, NULL, coalesce(a.client_id, c.id),
          'the number ' || n.vapi_phone_number_id
            || CASE WHEN r.id IS NULL THEN ' is no resource' ELSE ' has another client than the resource' END
        FROM signalwire_phone_numbers n
        LEFT JOIN clients c ON c.company_name = n.assigned_broker_company
        LEFT JOIN resource_pool r ON r.resource_value = n.number AND r.resource_type = 'phone_number'
        LEFT JOIN client_resources a ON a.resource_pool_id = r.id AND a.released_at IS NULL
        WHERE r.id IS NULL OR a.client_id IS DISTINCT FROM c.id
        """),
    Check(
      name: "resources-agree-with-their-ledger", invariant: 6,
      rule: "What a resource is stands in its last row of the ledger.", about: .resource,
      sql: """
        SELECT r.id, NULL, NULL, NULL,
          CASE WHEN l.state IS NULL THEN 'the ledger does not know it'
          ELSE 'it was changed past the ledger' END
        FROM resource_pool r
        LEFT JOIN LATERAL (
          SELECT state FROM resource_ledger
          WHERE resource_id = r.id AND kind IN ('added', 'changed')
          ORDER BY at DESC, change DESC LIMIT 1) AS l ON true
        WHERE l.state IS NULL
          -- Which of the three it is while in use follows from its places, and those from other rows.
          OR CASE WHEN l.state->>'status' IN ('available', 'assigned', 'held') THEN 'in use'
            ELSE l.state->>'status' END
            <> CASE WHEN r.status IN ('available', 'assigned', 'held') THEN 'in use' ELSE r.status END
          -- Columns that came later are not in old rows.
          OR NOT to_jsonb(r) @> l.state
            - ARRAY['status', 'current_clients', 'held_clients', 'updated_at', 'created_at',
              'warmup_started_at', 'warmup_completed_at', 'quarantined_at']
          -- Times are written in the zone of whoever made the change.
          OR ((l.state->>'warmup_started_at')::timestamptz, (l.state->>'warmup_completed_at')::timestamptz,
              (l.state->>'quarantined_at')::timestamptz)
            IS DISTINCT FROM (r.warmup_started_at, r.warmup_completed_at, r.quarantined_at)
        """),
    Check(
      name: "assignments-agree-with-their-ledger", invariant: 6,
      rule: "Each assignment and each release stands in the ledger once.", about: .resource,
      sql: """
        SELECT a.resource_pool_id, NULL, NULL, a.client_id,
          'the ledger has ' || coalesce(l.assigned, 0) || ' assignments and ' || coalesce(l.released, 0)
            || ' releases of it'
        FROM client_resources a
        LEFT JOIN (
          SELECT (state->>'id')::uuid AS id, count(*) FILTER (WHERE kind = 'assigned') AS assigned,
            count(*) FILTER (WHERE kind = 'released') AS released
          FROM resource_ledger WHERE kind IN ('assigned', 'released') GROUP BY 1) AS l ON l.id = a.id
        WHERE coalesce(l.assigned, 0) <> 1
          OR coalesce(l.released, 0) <> CASE WHEN a.released_at IS NULL THEN 0 ELSE 1 END
        """),
    Check(
      name: "subscriptions-agree-with-their-ledger", invariant: 6,
      rule: "What a client pays for stands in its last row of the ledger.",
      sql: """
        SELECT NULL, NULL, NULL, coalesce(s.client_id, l.client_id),
          CASE WHEN l.client_id IS NULL THEN 'the ledger does not know this subscription'
          WHEN s.client_id IS NULL THEN 'the ledger tells of a subscription that is not there'
          ELSE 'it was changed past the ledger' END
        FROM subscriptions s
        FULL JOIN (
          SELECT DISTINCT ON (client_id) client_id, state FROM subscription_ledger
          ORDER BY client_id, at DESC, change DESC) AS l ON l.client_id = s.client_id
        WHERE l.client_id IS NULL OR s.client_id IS NULL
          OR (to_jsonb(s) - 'updated_at') <> (l.state - 'updated_at')
        """),
    Check(
      name: "subscriptions-change-step-by-step", invariant: 6,
      rule: "In the ledger a subscription begins with a sign-up, and each change is called what it is.",
      sql: """
        SELECT NULL, NULL, NULL, client_id, kind || ' at ' || at || ' does not follow from what it was before'
        FROM (
          SELECT client_id, at, kind, state->>'state' AS state,
            lag(state->>'state') OVER (PARTITION BY client_id ORDER BY at, change) AS was
          FROM subscription_ledger) AS l
        WHERE kind <> subscription_change_kind(was, state)
        """),
  ]
}
