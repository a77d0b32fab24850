extension Check {
  /// Invariants 6 and 7, for orders of resources.
  static let supply = [
    Check(
      name: "orders-count-what-they-delivered", invariant: 6,
      rule: "An order counts the resources that it brought into the pool.", about: .resource,
      sql: """
        SELECT NULL, NULL, NULL, NULL,
          'order ' || o.id || ' counts ' || o.delivered || ' delivered, and ' || coalesce(v.count, 0)
            || ' are'
        FROM resource_orders o
        LEFT JOIN (
          SELECT order_id, count(*) FROM resource_order_values WHERE state = 'delivered' GROUP BY 1) AS v
          ON v.order_id = o.id
        WHERE o.delivered <> coalesce(v.count, 0)
        """),
    Check(
      name: "orders-agree-with-their-ledger", invariant: 6,
      rule: "What an order is stands in its last row of the ledger.", about: .resource,
      sql: """
        SELECT NULL, NULL, NULL, NULL,
          'order ' || o.id
            || CASE WHEN l.state IS NULL THEN ' is not in the ledger' ELSE ' was changed past the ledger' END
        FROM resource_orders o
        LEFT JOIN LATERAL (
          SELECT state FROM resource_order_ledger
          WHERE order_id = o.id AND status NOT LIKE 'value\\_%' ORDER BY change DESC LIMIT 1) AS l ON true
        WHERE l.state IS NULL
          OR (l.state->>'status', l.state->>'quantity', l.state->>'delivered')
            IS DISTINCT FROM (o.status, o.quantity::text, o.delivered::text)
        """),
    Check(
      name: "nothing-is-ordered-twice", invariant: 7,
      rule: "A name is bought by one order, and a resource was brought by one.", about: .resource,
      sql: """
        SELECT NULL, NULL, NULL, NULL, count(*) || ' orders buy the same, ' || min(order_id::text) || ' first'
        FROM resource_order_values WHERE state <> 'dropped' GROUP BY value HAVING count(*) > 1
        UNION ALL
        SELECT resource_id::text, NULL, NULL, NULL, count(*) || ' orders brought it'
        FROM resource_order_values WHERE resource_id IS NOT NULL GROUP BY resource_id HAVING count(*) > 1
        """),
  ]
}
