extension Check {
  /// A person is one lead: without that, invariant 3 would speak of half a person.
  static let leadPool = [
    Check(
      name: "leads-are-found-by-what-they-are-known-by", invariant: 3,
      rule: "What a lead is known by leads to it, and to nobody else.",
      sql: """
        SELECT NULL, NULL, p.id, NULL,
          CASE WHEN i.lead_id IS NULL THEN 'its ' || k.kind || ' identity leads nowhere'
          ELSE 'its ' || k.kind || ' identity leads to ' || i.lead_id END
        FROM lead_pool p CROSS JOIN contact_salt s
        CROSS JOIN LATERAL (VALUES
          ('apollo', p.apollo_id), ('linkedin', p.linkedin_key), ('email', p.email)) AS k (kind, value)
        LEFT JOIN lead_identities i ON i.key = contact_key(k.kind, k.value, s.salt)
        WHERE p.merged_into_id IS NULL AND k.value IS NOT NULL AND i.lead_id IS DISTINCT FROM p.id
        """),
    Check(
      name: "identities-have-their-leads", invariant: 3,
      rule: "An identity is that of one lead, which stands for itself.",
      sql: """
        SELECT NULL, NULL, i.lead_id, NULL,
          'a ' || i.kind || ' identity leads to a lead that '
            || CASE WHEN p.id IS NULL THEN 'there is not' ELSE 'was merged into another' END
        FROM lead_identities i LEFT JOIN lead_pool p ON p.id = i.lead_id
        WHERE p.id IS NULL OR p.merged_into_id IS NOT NULL
        UNION ALL
        SELECT NULL, NULL, min(lead_id::text)::uuid, NULL, count(*) || ' rows have one identity'
        FROM lead_identities GROUP BY key HAVING count(*) > 1
        """),
    Check(
      name: "merged-leads-have-nothing", invariant: 3,
      rule: "A lead that was merged into another has no owner, and that other one stands for itself.",
      sql: """
        SELECT NULL, NULL, p.id, a.client_id, 'it is merged, and assignment ' || a.id || ' still has it'
        FROM lead_pool p JOIN lead_assignments a ON a.lead_id = p.id
        WHERE p.merged_into_id IS NOT NULL AND a.released_at IS NULL
        UNION ALL
        SELECT NULL, NULL, p.id, NULL, 'it is merged into ' || k.id || ', which is merged itself'
        FROM lead_pool p JOIN lead_pool k ON k.id = p.merged_into_id WHERE k.merged_into_id IS NOT NULL
        """),
    Check(
      name: "placeholders-are-no-addresses", invariant: 3,
      rule: "What a provider writes instead of an address that was not paid for is nobody's address.",
      sql: """
        SELECT NULL, NULL, id, NULL, 'its address is a placeholder' FROM lead_pool
        WHERE email LIKE 'email\\_not\\_unlocked@%'
        """),
  ]
}
