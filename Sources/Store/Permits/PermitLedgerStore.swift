import Domain
import Postgres

/// What was asked of the gate and what became of permits: append-only, nothing personal in it.
public enum PermitLedgerStore {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case issued, refused, sent, failed, expired, void
  }

  public struct Entry: Sendable {
    public var kind: Kind
    public var leadID: ID<Lead>
    public var clientID: ID<Client>
    public var channel: Channel
    /// Nil for a refusal.
    public var permitID: ID<Permit>?
    public var resourceID: ID<Resource>?
    /// `Actor.text`.
    public var actor: String
    /// JSON: of a decision its facts and reasons (`GateFactsText`), else `{}`.
    public var details: String

    public init(
      _ kind: Kind, leadID: ID<Lead>, clientID: ID<Client>, channel: Channel, permitID: ID<Permit>?,
      resourceID: ID<Resource>?, actor: String, details: String = "{}"
    ) {
      self.kind = kind
      self.leadID = leadID
      self.clientID = clientID
      self.channel = channel
      self.permitID = permitID
      self.resourceID = resourceID
      self.actor = actor
      self.details = details
    }

    /// What became of a permit.
    public init(_ kind: Kind, of permit: Permit, actor: String, details: String = "{}") {
      self.init(
        kind, leadID: permit.leadID, clientID: permit.clientID, channel: permit.channel,
        permitID: permit.id, resourceID: permit.resourceID, actor: actor, details: details)
    }
  }

  public static func record(_ entries: [Entry], now: Timestamp, in transaction: inout Transaction) {
    guard !entries.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO permit_ledger (id, at, lead_id, client_id, kind, permit_id, channel, resource_id, actor,
        details)
      SELECT id, \(now), lead_id, client_id, kind, permit_id, channel, resource_id, actor, details::jsonb
      FROM unnest(\(entries.map { _ in ID<Entry>(at: now) }), \(entries.map(\.leadID)),
        \(entries.map(\.clientID)), \(entries.map(\.kind))::text[], \(entries.map(\.permitID)),
        \(entries.map(\.channel))::text[], \(entries.map(\.resourceID)), \(entries.map(\.actor)),
        \(entries.map(\.details)))
        AS n (id, lead_id, client_id, kind, permit_id, channel, resource_id, actor, details)
      """, expecting: entries.count)
  }

  /// A line of a lead's history at the gate.
  public struct Line: Sendable {
    public let id: ID<Entry>
    public let at: Timestamp
    public let entry: Entry
  }

  /// A decision as it stands in the ledger.
  public struct Decision: Sendable {
    public let place: Place
    public let leadID: ID<Lead>
    public let clientID: ID<Client>
    public let kind: Kind
    public let channel: Channel
    public let details: String
  }

  /// A place in the ledger.
  public struct Place: Hashable, Sendable {
    public let at: Timestamp
    public let id: ID<Entry>

    public init(at: Timestamp, id: ID<Entry>) {
      self.at = at
      self.id = id
    }
  }

  /// Decisions in the order of leads, then of time, from the one after `last` on.
  public static func decisions(
    after last: Decision?, limit: Int, in transaction: inout Transaction
  ) throws -> [Decision] {
    let none = ID<Lead>(high: 0, low: 0)
    return try transaction.query(
      """
      SELECT lead_id, at, id, client_id, kind, channel, details FROM permit_ledger
      WHERE kind IN ('issued', 'refused')
        AND (lead_id, at, id) > (\(last?.leadID ?? none),
          coalesce(\(last?.place.at)::timestamptz, '-infinity'),
          coalesce(\(last?.place.id)::uuid, '00000000-0000-0000-0000-000000000000'))
      ORDER BY lead_id, at, id LIMIT \(limit)
      """
    ).map { row in
      Decision(
        place: Place(at: try row.decode("at"), id: try row.decode("id")),
        leadID: try row.decode("lead_id"), clientID: try row.decode("client_id"),
        kind: try row.decode("kind"), channel: try row.decode("channel"),
        details: try row.decode("details", as: PostgresJSON.self).text)
    }
  }

  /// Of one lead, newest first; `until` and `since` bound the time.
  public static func history(
    of lead: ID<Lead>, client: ID<Client>?, from since: Timestamp, to until: Timestamp,
    after place: Place?, limit: Int, in transaction: inout Transaction
  ) throws -> [Line] {
    try transaction.query(
      """
      SELECT id, at, client_id, kind, permit_id, channel, resource_id, actor, details
      FROM permit_ledger
      WHERE lead_id = \(lead) AND (\(client)::uuid IS NULL OR client_id = \(client))
        AND at >= \(since) AND at < \(until)
        AND (\(place?.at)::timestamptz IS NULL OR (at, id) < (\(place?.at), \(place?.id)))
      ORDER BY at DESC, id DESC LIMIT \(limit)
      """
    ).map { row in
      Line(
        id: try row.decode("id"), at: try row.decode("at"),
        entry: Entry(
          try row.decode("kind"), leadID: lead, clientID: try row.decode("client_id"),
          channel: try row.decode("channel"), permitID: try row.decode("permit_id"),
          resourceID: try row.decode("resource_id"), actor: try row.decode("actor"),
          details: try row.decode("details", as: PostgresJSON.self).text))
    }
  }
}

extension PermitLedgerStore.Kind: PostgresEncodable, PostgresDecodable {}
