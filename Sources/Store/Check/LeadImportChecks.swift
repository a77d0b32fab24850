extension Check {
  /// Invariant 7, for imports of leads: what was acknowledged is there, once.
  static let leadImports = [
    Check(
      name: "imports-count-their-rows", invariant: 7,
      rule: "An import has a verdict for each row that it has taken, and counts them.",
      sql: """
        SELECT NULL, NULL, NULL, NULL,
          'import ' || i.id || ' has taken ' || i.place_row || ' rows, counts ' || c.counted || ', and '
            || coalesce(r.count, 0) || ' have a verdict'
        FROM lead_imports i
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(value::bigint), 0) AS counted FROM jsonb_each_text(i.counts)) AS c
        LEFT JOIN (SELECT import_id, count(*) FROM lead_import_rows GROUP BY 1) AS r ON r.import_id = i.id
        WHERE i.place_row <> coalesce(r.count, 0) OR c.counted <> coalesce(r.count, 0)
        """),
    Check(
      name: "migrations-leave-their-owners", invariant: 7,
      rule: "A migration that is done has decided every claim; who keeps a lead was given it.",
      sql: """
        SELECT NULL, NULL, c.lead_id, c.client_id,
          'import ' || c.import_id || ', row ' || c.row_number || ': '
            || CASE WHEN c.outcome IS NULL THEN 'the claim is not decided' ELSE 'nothing was assigned' END
        FROM lead_migration_claims c JOIN lead_imports i ON i.id = c.import_id
        WHERE i.state = 'done' AND NOT i.is_rehearsal
          AND (c.outcome IS NULL OR (c.outcome = 'keeps' AND c.assignment_id IS NULL))
        """),
  ]
}
