extension Check {
  /// Invariant 6, for what is written to leads.
  static let templates = [
    Check(
      name: "templates-have-their-versions", invariant: 6,
      rule: "Every text that a template had is there, from the first to the latest.",
      sql: """
        SELECT NULL, NULL, NULL, t.client_id,
          'template ' || t.id || ' is at version ' || t.version || ' and has ' || count(v.version)
        FROM templates t LEFT JOIN template_versions v ON v.template_id = t.id
        GROUP BY t.id, t.client_id, t.version
        HAVING count(v.version) <> t.version OR min(v.version) <> 1 OR max(v.version) <> t.version
        """)
  ]
}
