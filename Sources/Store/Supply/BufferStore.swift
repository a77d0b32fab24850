import Domain
import Postgres

/// What lies ready of each kind, and what is on its way (R10).
public enum BufferStore {
  /// One statement, so that it is one instant: what is delivered meanwhile is either on its way or there.
  /// Resources that are alike in all that decides are counted together, and Domain judges each such group.
  public static func buffers(now: Timestamp, in transaction: inout Transaction) throws -> [Buffer] {
    let rows = try transaction.query(
      """
      SELECT 'stock' AS part, r.resource_type, NULL AS status, r.warmup_completed_at IS NOT NULL AS is_warmed,
        r.sent_count, r.bounce_count, r.complaint_count, r.spf_state, r.dkim_state, r.dmarc_state,
        d.status AS domain_status, d.warmup_completed_at IS NOT NULL AS domain_is_warmed,
        d.sent_count AS domain_sent_count, d.bounce_count AS domain_bounce_count,
        d.complaint_count AS domain_complaint_count, d.spf_state AS domain_spf_state,
        d.dkim_state AS domain_dkim_state, d.dmarc_state AS domain_dmarc_state, count(*)
      FROM resource_pool r LEFT JOIN resource_pool d ON d.id = r.domain_id
      WHERE r.status = 'available' AND r.current_clients < r.max_clients
      GROUP BY 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
      UNION ALL
      SELECT 'assigned', resource_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, count(*)
      FROM resource_pool WHERE current_clients > held_clients GROUP BY resource_type
      UNION ALL
      SELECT 'warming', resource_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, count(*)
      FROM resource_pool WHERE id IN (\(unescaped: WarmingResources.ids)) GROUP BY resource_type
      UNION ALL
      SELECT 'ordered', resource_type, status, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, sum(quantity - delivered)
      FROM resource_orders WHERE closed_at IS NULL GROUP BY resource_type, status
      UNION ALL
      SELECT 'backordered', resource_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, sum(wanted - filled)
      FROM backorders WHERE closed_at IS NULL GROUP BY resource_type
      """)
    var counts: [Part: ResourceCounts] = [:]
    for row in rows {
      let part: Part = try row.decode("part")
      let kind: ResourceKind = try row.decode("resource_type")
      let count: Int = try row.decode("count")
      switch part {
      case .stock:
        let assignability = try stock(kind, row, now)
        guard assignability.countsAsBuffer else { continue }
      case .ordered:
        guard try row.decode("status", as: OrderStatus.self).isOutstanding else { continue }
      case .assigned, .warming, .backordered: break
      }
      counts[part, default: .zero][kind] += count
    }
    func count(_ part: Part, _ kind: ResourceKind) -> Int { counts[part]?[kind] ?? 0 }
    return ResourceKind.allCases.map { kind in
      Buffer(
        kind: kind, assigned: count(.assigned, kind), available: count(.stock, kind),
        arriving: count(.ordered, kind) + count(.warming, kind), backordered: count(.backordered, kind))
    }
  }

  private enum Part: String, PostgresDecodable {
    case stock, assigned, warming, ordered, backordered
  }

  /// One of the group, as far as it matters.
  private static func stock(_ kind: ResourceKind, _ row: Row, _ now: Timestamp) throws -> Assignability {
    let domainStatus: ResourceStatus? = try row.decode("domain_status")
    let domain = try domainStatus.map { try example(.emailDomain, $0, row, prefix: "domain_", now) }
    let resource = try example(kind, .available, row, prefix: "", domainID: domain?.id, now)
    return Assignability(of: resource, domain: domain, policy: .strict, now: now)
  }

  private static func example(
    _ kind: ResourceKind, _ status: ResourceStatus, _ row: Row, prefix: String, domainID: ID<Resource>? = nil,
    _ now: Timestamp
  ) throws -> Resource {
    func count(_ name: String) throws -> Int { Int(try row.decode(prefix + name, as: Int32.self)) }
    return Resource(
      id: ID(high: 0, low: 1), kind: kind, value: ResourceValue(unchecked: "", kind: kind),
      domainID: domainID, status: status, createdAt: now,
      warmup: Warmup(completedAt: try row.decode(prefix + "is_warmed") ? now : nil),
      health: SendCounts(
        sent: try count("sent_count"), bounces: try count("bounce_count"),
        complaints: try count("complaint_count")),
      authentication: DomainAuthentication(
        spf: try row.decode(prefix + "spf_state"), dkim: try row.decode(prefix + "dkim_state"),
        dmarc: try row.decode(prefix + "dmarc_state")))
  }
}
