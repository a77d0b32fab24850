extension Check {
  /// Invariants 5 and 6, for suppressions, events and people who were forgotten.
  static let leadContacts = [
    Check(
      name: "suppressions-agree-with-their-ledger", invariant: 6,
      rule: "What a suppression is stands in its last row of the ledger; those that are gone were forgotten.",
      about: .lead,
      sql: """
        SELECT NULL, NULL, NULL, coalesce(s.client_id, l.client_id),
          'suppression ' || coalesce(s.id, l.suppression_id) || CASE
            WHEN l.suppression_id IS NULL THEN ' is not in the ledger'
            WHEN s.id IS NULL THEN ' is in the ledger, and is gone'
            ELSE ' was changed past the ledger' END
        FROM suppressions s
        FULL JOIN (
          SELECT DISTINCT ON (suppression_id) suppression_id, client_id, change, kind, reason
          FROM suppression_ledger
          ORDER BY suppression_id, array_position(ARRAY['forgotten', 'lifted', 'added'], change)) AS l
          ON l.suppression_id = s.id
        WHERE l.suppression_id IS NULL OR (s.id IS NULL) <> (l.change = 'forgotten')
          OR s.id IS NOT NULL AND (s.client_id, s.kind, s.reason, s.lifted_at IS NOT NULL)
            IS DISTINCT FROM (l.client_id, l.kind, l.reason, l.change = 'lifted')
        """),
    Check(
      name: "suppressions-are-found-by-their-key", invariant: 5,
      rule: "The key of a suppression is the key of its address.", about: .lead,
      sql: """
        SELECT NULL, NULL, NULL, s.client_id, 'suppression ' || s.id || ' has the key of another address'
        FROM suppressions s CROSS JOIN contact_salt c
        WHERE s.value IS NOT NULL AND s.key <> contact_key(s.kind, s.value, c.salt)
        """),
    Check(
      name: "the-forgotten-stay-forgotten", invariant: 5,
      rule: "An address of somebody who was forgotten stands nowhere in clear.", about: .lead,
      sql: """
        SELECT NULL, NULL, NULL, s.client_id,
          'suppression ' || s.id || ' has the address of somebody who was forgotten'
        FROM suppressions e JOIN suppressions s ON s.key = e.key AND s.reason <> 'erased'
        WHERE e.reason = 'erased'
        UNION ALL
        SELECT p.id::text, NULL, p.id, NULL, 'it is known by what somebody was who has been forgotten'
        FROM suppressions e
        JOIN lead_identities i ON i.key = e.key JOIN lead_pool p ON p.id = i.lead_id
        WHERE e.reason = 'erased'
        """),
    Check(
      name: "forgotten-leads-hold-nothing", invariant: 6,
      rule: "Of a lead that was forgotten ids and times are left, and no client is at work with it.",
      about: .lead,
      sql: """
        SELECT p.id::text, NULL, p.id, NULL, 'it was forgotten, and ' || f.what
        FROM lead_pool p CROSS JOIN LATERAL (
          SELECT 'has fields' AS what
          WHERE jsonb_strip_nulls(to_jsonb(p) - ARRAY['id', 'provenance', 'bounced_at', 'complained_at',
            'unsubscribed_at', 'merged_into_id', 'erased_at', 'created_at', 'updated_at']) <> '{}'
            OR p.provenance <> '{}'
          UNION ALL SELECT 'is known by something' FROM lead_identities WHERE lead_id = p.id
          UNION ALL SELECT 'has a record' FROM lead_records WHERE lead_id = p.id
          UNION ALL SELECT 'is in a conflict' FROM lead_conflicts WHERE lead_ids && ARRAY[p.id]
          UNION ALL SELECT 'has an earlier state' FROM lead_changes WHERE lead_id = p.id
          UNION ALL SELECT 'has a state before a merge' FROM lead_merges
          WHERE p.id IN (kept_id, merged_id) AND before <> '{}'
          UNION ALL SELECT 'is active' FROM lead_assignments WHERE lead_id = p.id AND status = 'active'
          UNION ALL SELECT 'has a name or address where it telephones'
          FROM leads
          WHERE (id = p.id OR lead_pool_id = p.id) AND num_nonnulls(primary_email, first_name, last_name) > 0
          UNION ALL SELECT 'can lease' FROM leads
          WHERE (id = p.id OR lead_pool_id = p.id) AND NOT is_closed
          UNION ALL SELECT 'is in a score' FROM lead_scores WHERE lead_id = p.id
          UNION ALL SELECT 'was called by a number that is still known'
          FROM phone_number_ledger
          WHERE kind = 'ended' AND customer_phone IS NOT NULL AND at <= p.erased_at
            AND (lead_id = p.id OR lead_id = ANY (ARRAY(SELECT id FROM leads WHERE lead_pool_id = p.id)))
          UNION ALL SELECT 'is not in the ledger as such'
          WHERE NOT EXISTS (SELECT FROM lead_ledger WHERE lead_id = p.id AND kind = 'erased')) AS f
        WHERE p.erased_at IS NOT NULL
        """),
    Check(
      name: "events-have-their-effect", invariant: 6,
      rule: "What an event changed is so, unless the ledger says that it was taken back.",
      about: .lead,
      sql: """
        SELECT e.lead_id::text, NULL, e.lead_id, e.client_id, 'event ' || e.id || ' ' || f.what
        FROM lead_events e CROSS JOIN LATERAL (
          SELECT 'says that it ' || s.name AS what
          FROM lead_pool p CROSS JOIN (VALUES
            ('lead_bounced', 'bounced', 'bounce'), ('lead_complained', 'complained', 'complaint'),
            ('lead_unsubscribed', 'unsubscribed', 'opt_out')) AS s (effect, name, reason)
          WHERE p.id = e.lead_id AND p.merged_into_id IS NULL AND s.effect = ANY (e.effects)
            AND CASE s.name WHEN 'bounced' THEN p.bounced_at WHEN 'complained' THEN p.complained_at
              ELSE p.unsubscribed_at END IS NULL
            AND NOT EXISTS (
              SELECT FROM lead_ledger l
              WHERE l.lead_id = p.id AND l.kind = 'state_restored' AND l.reason = s.reason
                AND l.at >= e.received_at)
          UNION ALL
          SELECT 'says that it replied or converted' FROM lead_assignments a
          WHERE a.id = e.assignment_id
            AND ('replied' = ANY (e.effects) AND a.replied_at IS NULL
              OR 'converted' = ANY (e.effects) AND a.status <> 'converted')
          UNION ALL
          SELECT 'is not in the ledger'
          WHERE NOT EXISTS (
            SELECT FROM lead_ledger l
            WHERE l.lead_id = e.lead_id AND l.kind = 'event_' || e.kind AND l.at = e.received_at
              AND l.details->>'event_id' = e.id::text)) AS f
        WHERE e.lead_id IS NOT NULL
        """),
  ]
}
