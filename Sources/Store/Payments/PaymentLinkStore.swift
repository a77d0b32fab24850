import Domain
import Postgres

/// Which client the payment provider's payers and subscriptions are.
public enum PaymentLinkStore {
  public enum Kind: String, Hashable, Sendable { case payer, subscription }

  public struct Link: Hashable, Sendable {
    public let kind: Kind
    /// The provider's id.
    public let reference: String
    /// It pays for several clients, and so tells none of them.
    public let isShared: Bool
    public let isByHand: Bool
    public let createdAt: Timestamp
  }

  /// The client of the subscription; else the one that the event names; else that of the payer, if it pays
  /// for one only, and an operator said so or the event is about no subscription: one who pays for several
  /// clients may have bought this subscription for another one. Nil when there is none, or the named one
  /// does not exist.
  public static func client(
    of references: PaymentEvent.References, in transaction: inout Transaction
  ) throws -> ID<Client>? {
    try transaction.query(
      """
      SELECT coalesce(
        (SELECT client_id FROM payment_links
          WHERE kind = 'subscription' AND reference = \(references.subscription)),
        (SELECT id FROM clients WHERE id = \(references.client)),
        (SELECT client_id FROM payment_links
          WHERE kind = 'payer' AND reference = \(references.payer) AND NOT is_shared
            AND (is_by_hand OR \(references.subscription)::text IS NULL)
            AND \(references.client)::uuid IS NULL)) AS client_id
      """
    )[0].decode("client_id")
  }

  /// Remembers what an event told. Links that are there stay; a payer of two clients becomes a shared one.
  /// True when something is new.
  public static func learn(
    _ references: PaymentEvent.References, of client: ID<Client>, actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) throws -> Bool {
    try transaction.execute(
      """
      INSERT INTO payment_links AS l (kind, reference, client_id, actor, created_at)
      SELECT kind, reference, \(client), \(actor.text), \(now)
      FROM unnest(ARRAY['payer', 'subscription'],
        ARRAY[\(references.payer)::text, \(references.subscription)::text]) AS t (kind, reference)
      WHERE reference IS NOT NULL
      ON CONFLICT ON CONSTRAINT payment_links_pkey DO UPDATE SET is_shared = true
      WHERE l.kind = 'payer' AND l.client_id <> EXCLUDED.client_id AND NOT l.is_shared
      """) > 0
  }

  /// Links by hand: what is given is this client's from now on.
  public static func set(
    payer: String?, subscription: String?, to client: ID<Client>, actor: Actor, now: Timestamp,
    in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      INSERT INTO payment_links (kind, reference, client_id, is_by_hand, actor, created_at)
      SELECT kind, reference, \(client), true, \(actor.text), \(now)
      FROM unnest(ARRAY['payer', 'subscription'], ARRAY[\(payer)::text, \(subscription)::text])
        AS t (kind, reference)
      WHERE reference IS NOT NULL
      ON CONFLICT ON CONSTRAINT payment_links_pkey DO UPDATE
      SET client_id = EXCLUDED.client_id, is_shared = false, is_by_hand = true, actor = EXCLUDED.actor,
        created_at = EXCLUDED.created_at
      """)
  }

  /// Payers first, then subscriptions, the oldest first.
  public static func list(of client: ID<Client>, in transaction: inout Transaction) throws -> [Link] {
    try transaction.query(
      """
      SELECT kind, reference, is_shared, is_by_hand, created_at FROM payment_links WHERE client_id = \(client)
      ORDER BY kind, created_at, reference COLLATE "C"
      """
    ).map { row in
      Link(
        kind: try row.decode("kind"), reference: try row.decode("reference"),
        isShared: try row.decode("is_shared"), isByHand: try row.decode("is_by_hand"),
        createdAt: try row.decode("created_at"))
    }
  }
}

extension PaymentLinkStore.Kind: PostgresEncodable, PostgresDecodable {}
