import Domain
import Postgres

/// What events are judged by.
public enum LeadEventFactsStore {
  /// The lead that speaks for each of these: itself, or the one that it was merged into. Those that there are
  /// not are left out.
  public static func speakers(
    for leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>: ID<Lead>] {
    let rows = try transaction.query(
      """
      WITH RECURSIVE chain (asked, id, merged_into_id) AS (
        SELECT p.id, p.id, p.merged_into_id FROM lead_pool p WHERE p.id = ANY (\(leads))
        UNION
        SELECT c.asked, p.id, p.merged_into_id FROM chain c JOIN lead_pool p ON p.id = c.merged_into_id)
      SELECT asked, id FROM chain WHERE merged_into_id IS NULL
      """)
    return Dictionary(
      try rows.map { (try $0.decode(at: 0), try $0.decode(at: 1)) }, uniquingKeysWith: { one, _ in one })
  }

  /// The leads that an address is known of, for each address, by its place. A telephone number may be several
  /// leads'.
  public static func leads(
    with addresses: [ContactAddress], in transaction: inout Transaction
  ) throws -> [[ID<Lead>]] {
    let keys = try SuppressionStore.keys(of: addresses, in: &transaction)
    let rows = try transaction.query(
      """
      SELECT a.place, i.lead_id
      FROM unnest(\(keys)) WITH ORDINALITY AS a (key, place) JOIN lead_identities i ON i.key = a.key
      UNION
      SELECT a.place, p.id
      FROM unnest(\(addresses.map(\.kind))::text[], \(addresses.map(\.value)))
        WITH ORDINALITY AS a (kind, value, place)
      CROSS JOIN LATERAL (
        SELECT id FROM lead_pool
        WHERE phone = a.value AND a.kind = 'phone' AND merged_into_id IS NULL ORDER BY id LIMIT 20) AS p
      ORDER BY 1, 2
      """)
    var found = [[ID<Lead>]](repeating: [], count: addresses.count)
    for row in rows { found[try row.decode(at: 0, as: Int.self) - 1].append(try row.decode(at: 1)) }
    return found
  }

  /// Whether each of these leads is or was known or reached by the address beside it.
  public static func areKnown(
    _ pairs: [(lead: ID<Lead>, address: ContactAddress)], in transaction: inout Transaction
  ) throws -> [Bool] {
    var known = [Bool](repeating: false, count: pairs.count)
    guard !pairs.isEmpty else { return known }
    let keys = try SuppressionStore.keys(of: pairs.map(\.address), in: &transaction)
    let rows = try transaction.query(
      """
      SELECT a.place FROM unnest(\(pairs.map(\.lead)), \(keys)) WITH ORDINALITY AS a (lead_id, key, place)
      JOIN lead_pool p ON p.id = a.lead_id WHERE a.key = ANY (lead_contact_keys(p))
      """)
    for row in rows { known[try row.decode(at: 0, as: Int.self) - 1] = true }
    return known
  }

  /// Locks all assignments of locked leads, released ones too, and those that stayed with leads that were
  /// merged into them. One that a merge joined to another is not apart any more.
  public static func lockAssignments(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>: [LeadEventFacts.AssignmentState]] {
    let rows = try transaction.query(
      """
      WITH spoken_for (id, lead_id) AS (
        SELECT l.id, l.id FROM unnest(\(leads)) AS l (id)
        UNION ALL SELECT m.id, m.merged_into_id FROM lead_pool m WHERE m.merged_into_id = ANY (\(leads)))
      SELECT f.lead_id, a.id, a.client_id, a.status, a.assigned_at, a.released_at, a.converted_at,
        a.replied_at, a.reply_intent, a.last_contacted_at,
        (SELECT max(e.occurred_at) FROM lead_events e
          WHERE e.lead_id IN (f.lead_id, a.lead_id) AND e.assignment_id = a.id AND e.kind = 'replied'
            AND e.detail <> 'out_of_office') AS latest_reply_at
      FROM spoken_for f JOIN lead_assignments a ON a.lead_id = f.id
      WHERE a.release_reason IS DISTINCT FROM 'merged'
      ORDER BY a.lead_id, a.id FOR NO KEY UPDATE OF a
      """)
    return Dictionary(grouping: try rows.map(assignment), by: \.0).mapValues { $0.map(\.1) }
  }

  private static func assignment(
    _ row: Row
  ) throws -> (ID<Lead>, LeadEventFacts.AssignmentState) {
    let repliedAt: Timestamp? = try row.decode("replied_at")
    let latest: Timestamp? = try row.decode("latest_reply_at")
    let state = LeadEventFacts.AssignmentState(
      id: try row.decode("id"), clientID: try row.decode("client_id"),
      status: LeadEventFacts.AssignmentStatus(rawValue: try row.decode("status")) ?? .active,
      assignedAt: try row.decode("assigned_at"), releasedAt: try row.decode("released_at"),
      convertedAt: try row.decode("converted_at"), repliedAt: repliedAt,
      replyIntent: try row.decode("reply_intent", as: String?.self).flatMap(ReplyIntent.init),
      latestReplyAt: latest ?? repliedAt, lastContactedAt: try row.decode("last_contacted_at"))
    return (try row.decode("lead_id"), state)
  }

  /// Writes the states of locked leads.
  public static func update(
    _ leads: [LeadEventFacts.LeadState], now: Timestamp, in transaction: inout Transaction
  ) {
    guard !leads.isEmpty else { return }
    transaction.enqueue(
      """
      UPDATE lead_pool p
      SET bounced_at = s.bounced_at, complained_at = s.complained_at, unsubscribed_at = s.unsubscribed_at,
        updated_at = \(now)
      FROM unnest(\(leads.map(\.id)), \(leads.map(\.bouncedAt)), \(leads.map(\.complainedAt)),
        \(leads.map(\.unsubscribedAt))) AS s (id, bounced_at, complained_at, unsubscribed_at)
      WHERE p.id = s.id
      """, expecting: leads.count)
  }

  /// Writes the states of locked assignments.
  public static func update(
    _ assignments: [LeadEventFacts.AssignmentState], in transaction: inout Transaction
  ) {
    guard !assignments.isEmpty else { return }
    transaction.enqueue(
      """
      UPDATE lead_assignments a
      SET status = s.status, converted_at = s.converted_at, replied_at = s.replied_at,
        reply_intent = s.reply_intent, last_contacted_at = s.last_contacted_at
      FROM unnest(\(assignments.map(\.id)), \(assignments.map(\.status.rawValue)),
        \(assignments.map(\.convertedAt)), \(assignments.map(\.repliedAt)),
        \(assignments.map { $0.replyIntent?.rawValue }), \(assignments.map(\.lastContactedAt)))
        AS s (id, status, converted_at, replied_at, reply_intent, last_contacted_at)
      WHERE a.id = s.id
      """, expecting: assignments.count)
  }
}
