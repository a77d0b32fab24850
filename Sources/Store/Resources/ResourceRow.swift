import Domain
import Postgres

/// How a row of `resource_pool` is read.
extension Resource {
  /// What `init(_:)` expects; the table must be `r`.
  static let columns = """
    r.id, r.resource_type, r.resource_value, r.resource_name, r.domain_id, r.max_clients, r.current_clients,
    r.status, r.quarantined_at, r.quarantine_reason, r.quarantine_evidence, r.created_at,
    r.warmup_started_at, r.warmup_completed_at, r.reputation_score, r.sent_count, r.bounce_count,
    r.complaint_count, r.spf_state, r.dkim_state, r.dmarc_state, r.provider, r.provider_id, r.time_zone,
    (SELECT min(a.held_until) FROM client_resources a
      WHERE r.held_clients > 0 AND a.resource_pool_id = r.id AND a.released_at IS NULL) AS held_until
    """

  init(_ row: Row) throws {
    func count(_ name: String) throws -> Int { Int(try row.decode(name, as: Int32.self)) }
    let kind: ResourceKind = try row.decode("resource_type")
    self.init(
      id: try row.decode("id"), kind: kind,
      value: ResourceValue(unchecked: try row.decode("resource_value"), kind: kind),
      name: try row.decode("resource_name"), domainID: try row.decode("domain_id"),
      maxClients: try count("max_clients"), currentClients: try count("current_clients"),
      status: try row.decode("status"), heldUntil: try row.decode("held_until"),
      quarantine: try Quarantine(row), createdAt: try row.decode("created_at"),
      warmup: Warmup(
        startedAt: try row.decode("warmup_started_at"), completedAt: try row.decode("warmup_completed_at")),
      reputationScore: try count("reputation_score"),
      health: SendCounts(
        sent: try count("sent_count"), bounces: try count("bounce_count"),
        complaints: try count("complaint_count")),
      authentication: DomainAuthentication(
        spf: try row.decode("spf_state"), dkim: try row.decode("dkim_state"),
        dmarc: try row.decode("dmarc_state")),
      provider: try row.decode("provider"), providerID: try row.decode("provider_id"),
      timeZone: try row.decode("time_zone", as: TimeZoneName?.self) ?? .utc)
  }
}

extension Quarantine {
  /// Nil for a resource that is not in quarantine. An SQL user may have named a reason of his own.
  fileprivate init?(_ row: Row) throws {
    guard let since: Timestamp = try row.decode("quarantined_at"),
      let reason: String = try row.decode("quarantine_reason")
    else { return nil }
    let known = Reason(rawValue: reason)
    let evidence: String = try row.decode("quarantine_evidence", as: String?.self) ?? reason
    self.init(reason: known ?? .manual, evidence: evidence, since: since)
  }
}

extension ResourceKind: PostgresEncodable, PostgresDecodable {}
extension ResourceStatus: PostgresEncodable, PostgresDecodable {}
extension DomainAuthentication.State: PostgresEncodable, PostgresDecodable {}
