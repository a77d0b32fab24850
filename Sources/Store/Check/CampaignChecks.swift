extension Check {
  /// Invariant 1, for what campaigns have inherited.
  static let campaigns = [
    Check(
      name: "campaigns-have-their-clients-resources", invariant: 1,
      rule: "A campaign has what its client has, or that of it that it is restricted to.",
      about: .resource,
      sql: """
        SELECT coalesce(x.resource_pool_id, i.resource_pool_id), NULL, NULL,
          coalesce(x.client_id, i.client_id),
          CASE WHEN x.campaign_id IS NULL THEN 'campaign ' || i.campaign_id || ' lacks it on ' || i.channel
          ELSE 'campaign ' || x.campaign_id || ' has it wrongly on ' || x.channel END
        FROM campaign_resources x
        FULL JOIN campaign_inheritance i
          ON i.campaign_id = x.campaign_id AND i.client_resource_id = x.client_resource_id
            AND i.channel = x.channel
        WHERE (x.resource_id, x.client_id, x.resource_pool_id, x.domain_id)
          IS DISTINCT FROM (i.resource_id, i.client_id, i.resource_pool_id, i.domain_id)
        """),
    Check(
      name: "campaigns-use-what-is-usable", invariant: 1,
      rule: "What is on hold, given up, retired or in quarantine has a limit of 0 in a campaign.",
      about: .resource,
      sql: """
        SELECT x.resource_pool_id, NULL, NULL, x.client_id,
          'campaign ' || x.campaign_id || ' may use it on ' || x.channel
        FROM campaign_resources x
        JOIN client_resources a ON a.id = x.client_resource_id
        JOIN resource_pool r ON r.id = x.resource_pool_id
        LEFT JOIN resource_pool d ON d.id = x.domain_id
        WHERE x.daily_limit IS DISTINCT FROM 0
          AND (num_nonnulls(a.released_at, a.held_until, a.release_due_at) > 0
            OR ARRAY[r.status, d.status] && ARRAY['retired', 'quarantined', 'held'])
        """),
  ]
}
