import Domain
import Postgres

/// What providers told of leads: the table `lead_events`, and what is changed by it.
public enum LeadEventStore {
  /// An event as it is kept.
  public struct Record: Hashable, Sendable {
    public let id: ID<LeadEvent>
    public let kind: LeadEvent.Name
    public let leadID: ID<Lead>?
    public let clientID: ID<Client>?
    public let occurredAt: Timestamp
    public let effects: [LeadEventEffect]

    public init(
      id: ID<LeadEvent>, kind: LeadEvent.Name, leadID: ID<Lead>?, clientID: ID<Client>?,
      occurredAt: Timestamp, effects: [LeadEventEffect]
    ) {
      self.id = id
      self.kind = kind
      self.leadID = leadID
      self.clientID = clientID
      self.occurredAt = occurredAt
      self.effects = effects
    }
  }

  /// An event that is to be kept.
  public struct New: Hashable, Sendable {
    public var id: ID<LeadEvent>
    public var key: ContactKey
    public var event: LeadEvent
    public var leadID: ID<Lead>?
    public var clientID: ID<Client>?
    public var assignmentID: ID<LeadEventFacts.AssignmentState>?
    public var resourceID: ID<Resource>?

    public init(
      id: ID<LeadEvent>, key: ContactKey, event: LeadEvent, leadID: ID<Lead>?, clientID: ID<Client>?,
      assignmentID: ID<LeadEventFacts.AssignmentState>?, resourceID: ID<Resource>?
    ) {
      self.id = id
      self.key = key
      self.event = event
      self.leadID = leadID
      self.clientID = clientID
      self.assignmentID = assignmentID
      self.resourceID = resourceID
    }
  }

  /// The keys that events are the same by: each reporter has names of its own, so that nobody can take the
  /// names of others.
  public static func keys(
    of events: [LeadEvent], reportedBy client: ID<Client>?, in transaction: inout Transaction
  ) throws -> [ContactKey] {
    let reporter = client.map(\.description) ?? "operator"
    return try transaction.query(
      """
      SELECT contact_key('event', e.name, s.salt)
      FROM contact_salt s
      CROSS JOIN unnest(\(events.map { "\(reporter)/\($0.provider)/\($0.providerEventID)" }))
        WITH ORDINALITY AS e (name, place)
      ORDER BY e.place
      """
    ).map { try $0.decode(at: 0) }
  }

  public static func known(
    _ keys: [ContactKey], in transaction: inout Transaction
  ) throws -> [ContactKey: Record] {
    let rows = try transaction.query(
      """
      SELECT event_key, id, kind, lead_id, client_id, occurred_at, effects FROM lead_events
      WHERE event_key = ANY (\(keys))
      """)
    return Dictionary(
      uniqueKeysWithValues: try rows.map { row in
        let effects: [String] = try row.decode("effects")
        let record = Record(
          id: try row.decode("id"), kind: try row.decode("kind"), leadID: try row.decode("lead_id"),
          clientID: try row.decode("client_id"), occurredAt: try row.decode("occurred_at"),
          effects: effects.compactMap(LeadEventEffect.init))
        return (try row.decode("event_key"), record)
      })
  }

  /// Keeps those that are new, and tells which: waits for whoever is at the same event.
  public static func claim(
    _ events: [New], reportedBy client: ID<Client>?, now: Timestamp, in transaction: inout Transaction
  ) throws -> Set<ContactKey> {
    let rows = try transaction.query(
      """
      INSERT INTO lead_events (id, event_key, provider, reported_by, kind, channel, detail, lead_id,
        client_id, assignment_id, resource_id, occurred_at, received_at)
      SELECT e.id, e.event_key, e.provider, \(client), e.kind, e.channel, e.detail, e.lead_id, e.client_id,
        e.assignment_id, e.resource_id, e.occurred_at, \(now)
      FROM unnest(\(events.map(\.id)), \(events.map(\.key)), \(events.map(\.event.provider)),
        \(events.map(\.event.kind.name))::text[], \(events.map(\.event.channel))::text[],
        \(events.map(\.event.kind.detail)), \(events.map(\.leadID)), \(events.map(\.clientID)),
        \(events.map(\.assignmentID)), \(events.map(\.resourceID)), \(events.map(\.event.occurredAt)))
        AS e (id, event_key, provider, kind, channel, detail, lead_id, client_id, assignment_id, resource_id,
          occurred_at)
      ORDER BY e.event_key
      ON CONFLICT ON CONSTRAINT lead_events_once DO NOTHING
      RETURNING event_key
      """)
    return Set(try rows.map { try $0.decode(at: 0) })
  }

  /// Writes what claimed events changed, and a row of the ledger for each that is about a lead.
  public static func settle(
    _ events: [(event: New, effects: [LeadEventEffect])], now: Timestamp, in transaction: inout Transaction
  ) {
    let effects = events.map { $0.effects.map(\.rawValue).joined(separator: ",") }
    transaction.enqueue(
      """
      WITH settled AS (
        UPDATE lead_events e SET effects = string_to_array(nullif(s.effects, ''), ',')
        FROM unnest(\(events.map(\.event.id)), \(effects)) AS s (id, effects)
        WHERE e.id = s.id AND s.effects <> '')
      INSERT INTO lead_ledger (at, lead_id, client_id, kind, reason, details)
      SELECT \(now), e.lead_id, e.client_id, 'event_' || e.kind, e.provider,
        jsonb_build_object('event_id', e.id, 'channel', e.channel, 'detail', e.detail,
          'occurred_at', e.occurred_at, 'effects', to_jsonb(string_to_array(nullif(e.effects, ''), ',')))
      FROM unnest(\(events.map(\.event.id)), \(events.map(\.event.event.kind.name))::text[],
        \(events.map(\.event.event.provider)), \(events.map(\.event.event.channel))::text[],
        \(events.map(\.event.event.kind.detail)), \(events.map(\.event.leadID)),
        \(events.map(\.event.clientID)), \(events.map(\.event.event.occurredAt)), \(effects))
        WITH ORDINALITY
        AS e (id, kind, provider, channel, detail, lead_id, client_id, occurred_at, effects, place)
      WHERE e.lead_id IS NOT NULL ORDER BY e.place
      """)
  }
}

extension LeadEvent.Name: PostgresEncodable, PostgresDecodable {}
extension ReplyIntent: PostgresEncodable, PostgresDecodable {}
