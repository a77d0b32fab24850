import Domain
import Postgres

/// A merge as it is stored.
public struct StoredLeadMerge: Sendable {
  public let id: ID<LeadMerger>
  public let kept: ID<Lead>
  public let merged: ID<Lead>
  public let mergedAt: Timestamp
  public let mergedBy: String
  public let reason: String
  /// JSON of the engine's: what was before. `{}` when one of the leads was forgotten since.
  public let before: String
  public let undoneAt: Timestamp?
}

/// Making two leads one, and two again. Both leads must be locked.
public enum LeadMergeStore {
  /// Whose these leads are; locks the assignments.
  public static func owners(
    of leads: [ID<Lead>], in transaction: inout Transaction
  ) throws -> [ID<Lead>: LeadOwnership] {
    let rows = try transaction.query(
      """
      SELECT id, lead_id, client_id FROM lead_assignments
      WHERE lead_id = ANY (\(leads)) AND released_at IS NULL ORDER BY id FOR UPDATE
      """)
    var owners: [ID<Lead>: LeadOwnership] = [:]
    for row in rows {
      let owner = LeadOwnership(
        assignment: try row.decode(at: 0), lead: try row.decode(at: 1), client: try row.decode(at: 2))
      owners[owner.lead] = owner
    }
    return owners
  }

  /// Assignments as JSON, whole rows, the oldest first.
  public static func image(
    of assignments: [ID<LeadOwnership>], in transaction: inout Transaction
  ) throws -> String {
    try transaction.query(
      """
      SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.id), '[]') FROM lead_assignments a
      WHERE a.id = ANY (\(assignments))
      """
    )[0].decode(at: 0, as: PostgresJSON.self).text
  }

  /// The lead is another one from now on, and so are those that were merged into it. What it was known by is
  /// the other's.
  ///
  /// - Returns: the keys that moved, and the leads that were pointed on.
  public static func point(
    _ lead: ID<Lead>, to kept: ID<Lead>, now: Timestamp, in transaction: inout Transaction
  ) throws -> (keys: [ID<LeadRecord>], followers: [ID<Lead>]) {
    let rows = try transaction.query([
      """
      UPDATE lead_pool SET merged_into_id = \(kept), updated_at = \(now)
      WHERE merged_into_id = \(lead) RETURNING id
      """,
      "UPDATE lead_pool SET merged_into_id = \(kept), updated_at = \(now) WHERE id = \(lead)",
      "UPDATE lead_identities SET lead_id = \(kept) WHERE lead_id = \(lead) RETURNING key",
    ])
    return (try rows[2].map { try $0.decode(at: 0) }, try rows[0].map { try $0.decode(at: 0) })
  }

  /// The other way round.
  public static func pointBack(
    _ lead: ID<Lead>, from kept: ID<Lead>, keys: [ID<LeadRecord>], followers: [ID<Lead>], now: Timestamp,
    in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_identities SET lead_id = \(lead) WHERE key = ANY (\(keys)) AND lead_id = \(kept)
      """)
    transaction.enqueue(
      "UPDATE lead_pool SET merged_into_id = NULL, updated_at = \(now) WHERE id = \(lead)", expecting: 1)
    transaction.enqueue(
      """
      UPDATE lead_pool SET merged_into_id = \(lead), updated_at = \(now)
      WHERE id = ANY (\(followers)) AND merged_into_id = \(kept)
      """)
  }

  /// What holds of the one holds of both: who bounced, complained or asked for no contact did so as either.
  public static func setStates(
    of lead: PoolLead, now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_pool SET bounced_at = \(lead.bouncedAt), complained_at = \(lead.complainedAt),
        unsubscribed_at = \(lead.unsubscribedAt), updated_at = \(now)
      WHERE id = \(lead.id)
      """, expecting: 1)
  }

  /// The assignment goes on under another lead, who can telephone then.
  public static func move(
    _ assignment: ID<LeadOwnership>, to lead: ID<Lead>, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      "UPDATE lead_assignments SET lead_id = \(lead) WHERE id = \(assignment)", expecting: 1)
    transaction.enqueue(
      """
      INSERT INTO leads (id, lead_pool_id, primary_email, first_name, last_name, created_at)
      SELECT p.id, p.id, p.email, p.first_name, p.last_name, p.created_at FROM lead_pool p
      WHERE p.id = \(lead) ON CONFLICT ON CONSTRAINT leads_pkey DO NOTHING
      """)
  }

  /// Two assignments of one client become one: the earliest start, the contacts of both, the first reply.
  public static func join(
    _ released: ID<LeadOwnership>, into kept: ID<LeadOwnership>, now: Timestamp,
    in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE lead_assignments k SET assigned_at = least(k.assigned_at, r.assigned_at),
        contacts = k.contacts + r.contacts,
        last_contacted_at = greatest(k.last_contacted_at, r.last_contacted_at),
        replied_at = least(k.replied_at, r.replied_at),
        reply_intent = CASE WHEN k.replied_at IS NULL OR r.replied_at < k.replied_at
          THEN coalesce(r.reply_intent, k.reply_intent) ELSE k.reply_intent END,
        status = CASE WHEN 'converted' IN (k.status, r.status) THEN 'converted' ELSE k.status END,
        converted_at = least(k.converted_at, r.converted_at),
        campaign_id = coalesce(k.campaign_id, r.campaign_id)
      FROM lead_assignments r WHERE k.id = \(kept) AND r.id = \(released)
      """, expecting: 1)
    transaction.enqueue(
      """
      UPDATE lead_assignments SET status = 'released', released_at = \(now), release_reason = 'merged',
        converted_at = NULL
      WHERE id = \(released)
      """, expecting: 1)
  }

  /// An assignment that was moved goes back. What was counted on it since stays.
  public static func moveBack(
    _ assignment: ID<LeadOwnership>, to lead: ID<Lead>, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      "UPDATE lead_assignments SET lead_id = \(lead) WHERE id = \(assignment)", expecting: 1)
  }

  /// Two assignments that were joined are two again, as `image` had them. What the kept one has seen since
  /// stays with it: contacts, a reply, a conversion.
  public static func part(
    _ released: ID<LeadOwnership>, from kept: ID<LeadOwnership>, image: String,
    in transaction: inout Transaction
  ) {
    let image = PostgresJSON(text: image)
    transaction.enqueue(
      """
      UPDATE lead_assignments a SET assigned_at = k.assigned_at, campaign_id = k.campaign_id,
        contacts = a.contacts - r.contacts,
        last_contacted_at = CASE WHEN a.last_contacted_at = r.last_contacted_at
          THEN k.last_contacted_at ELSE a.last_contacted_at END,
        replied_at = CASE WHEN a.replied_at = r.replied_at THEN k.replied_at ELSE a.replied_at END,
        reply_intent = CASE WHEN a.replied_at = r.replied_at THEN k.reply_intent ELSE a.reply_intent END,
        status = CASE WHEN a.converted_at = r.converted_at THEN k.status ELSE a.status END,
        converted_at = CASE WHEN a.converted_at = r.converted_at THEN k.converted_at ELSE a.converted_at END
      FROM jsonb_populate_recordset(NULL::lead_assignments, \(image)) k,
        jsonb_populate_recordset(NULL::lead_assignments, \(image)) r
      WHERE a.id = \(kept) AND k.id = \(kept) AND r.id = \(released)
      """, expecting: 1)
    transaction.enqueue(
      """
      UPDATE lead_assignments a SET status = r.status, released_at = r.released_at,
        release_reason = r.release_reason, converted_at = r.converted_at
      FROM jsonb_populate_recordset(NULL::lead_assignments, \(image)) r
      WHERE a.id = \(released) AND r.id = \(released)
      """, expecting: 1)
  }

  public static func insert(_ merge: StoredLeadMerge, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      INSERT INTO lead_merges (id, kept_id, merged_id, merged_at, merged_by, reason, before)
      VALUES (\(merge.id), \(merge.kept), \(merge.merged), \(merge.mergedAt), \(merge.mergedBy),
        \(merge.reason), \(PostgresJSON(text: merge.before)))
      """, expecting: 1)
  }

  public static func lock(
    _ id: ID<LeadMerger>, in transaction: inout Transaction
  ) throws -> StoredLeadMerge? {
    try transaction.query(
      """
      SELECT id, kept_id, merged_id, merged_at, merged_by, reason, before, undone_at FROM lead_merges
      WHERE id = \(id) FOR UPDATE
      """
    ).first.map { row in
      StoredLeadMerge(
        id: try row.decode(at: 0), kept: try row.decode(at: 1), merged: try row.decode(at: 2),
        mergedAt: try row.decode(at: 3), mergedBy: try row.decode(at: 4), reason: try row.decode(at: 5),
        before: try row.decode(at: 6, as: PostgresJSON.self).text, undoneAt: try row.decode(at: 7))
    }
  }

  public static func markUndone(
    _ id: ID<LeadMerger>, by actor: Actor, now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      "UPDATE lead_merges SET undone_at = \(now), undone_by = \(actor.text) WHERE id = \(id)", expecting: 1)
  }
}

extension StoredLeadMerge {
  public init(
    id: ID<LeadMerger>, kept: ID<Lead>, merged: ID<Lead>, mergedAt: Timestamp, mergedBy: String,
    reason: String, before: String
  ) {
    self.id = id
    self.kept = kept
    self.merged = merged
    self.mergedAt = mergedAt
    self.mergedBy = mergedBy
    self.reason = reason
    self.before = before
    undoneAt = nil
  }
}
