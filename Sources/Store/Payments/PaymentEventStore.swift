import Domain
import Postgres

/// Events of the payment provider, stored as they came.
public enum PaymentEventStore {
  public enum State: String, CaseIterable, Hashable, Sendable {
    /// Stored, and nothing done yet.
    case received
    case processed
    /// Of no concern.
    case ignored
    /// It could not be processed; it is tried again.
    case failed
  }

  /// An event that has just arrived.
  public struct New: Hashable, Sendable {
    public var id: String
    public var type: String
    public var references: PaymentEvent.References
    public var at: Timestamp
    public var isLive: Bool
    /// As received, byte by byte.
    public var payload: [UInt8]

    public init(
      id: String, type: String, references: PaymentEvent.References, at: Timestamp, isLive: Bool,
      payload: [UInt8]
    ) {
      self.id = id
      self.type = type
      self.references = references
      self.at = at
      self.isLive = isLive
      self.payload = payload
    }
  }

  /// An event and what became of it, without its payload.
  public struct Record: Hashable, Sendable {
    public let id: String
    public let type: String
    public let object: String?
    public let payer: String?
    public let subscription: String?
    public let at: Timestamp
    public let isLive: Bool
    public let receivedAt: Timestamp
    public let state: State
    public let attempts: Int
    public let nextAttemptAt: Timestamp?
    public let processedAt: Timestamp?
    public let clientID: ID<Client>?
    /// What was done, or why nothing was.
    public let outcome: String?
    /// A word for programs, and the same as a sentence; ids of the provider's things only.
    public let failure: String?
    public let error: String?

    /// Its place in the list, which is newest first.
    public var place: Place { Place(receivedAt: receivedAt, id: id) }
  }

  public struct Place: Hashable, Sendable {
    public let receivedAt: Timestamp
    public let id: String

    public init(receivedAt: Timestamp, id: String) {
      self.receivedAt = receivedAt
      self.id = id
    }
  }

  private static let columns = """
    e.id, e.type, e.object_id, e.payer_id, e.subscription_id, e.occurred_at, e.is_live, e.received_at,
    e.state, e.attempts, e.next_attempt_at, e.processed_at, e.client_id, e.outcome, e.failure, e.error
    """

  // MARK: Arrival

  /// Stores it, to be tried by itself from `retryAt` on. False when it is stored already.
  public static func insert(
    _ new: New, now: Timestamp, retryAt: Timestamp, in transaction: inout Transaction
  ) throws -> Bool {
    try transaction.execute(
      """
      INSERT INTO payment_events (id, type, object_id, payer_id, subscription_id, occurred_at, is_live,
        payload, received_at, state, next_attempt_at)
      VALUES (\(new.id), \(new.type), \(new.references.object), \(new.references.payer),
        \(new.references.subscription), \(new.at), \(new.isLive), \(new.payload), \(now),
        \(State.received), \(retryAt))
      ON CONFLICT ON CONSTRAINT payment_events_pkey DO NOTHING
      """) == 1
  }

  // MARK: Reading

  public static func find(_ id: String, in transaction: inout Transaction) throws -> Record? {
    try transaction.query("SELECT \(unescaped: columns) FROM payment_events e WHERE e.id = \(id)").first
      .map(record(_:))
  }

  public static func payload(of id: String, in transaction: inout Transaction) throws -> [UInt8]? {
    try transaction.query("SELECT payload FROM payment_events WHERE id = \(id)").first?.decode(at: 0)
  }

  /// Until the end of the transaction nobody else processes it.
  public static func lock(
    _ id: String, in transaction: inout Transaction
  ) throws -> (record: Record, payload: [UInt8])? {
    try transaction.query(
      """
      SELECT \(unescaped: columns), e.payload FROM payment_events e WHERE e.id = \(id)
      FOR NO KEY UPDATE OF e
      """
    ).first.map { (try record($0), try $0.decode("payload")) }
  }

  /// Newest first.
  public static func list(
    state: State?, client: ID<Client>?, after place: Place?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [Record] {
    // Each is one walk of an index.
    let place = place ?? Place(receivedAt: Timestamp(microseconds: .max), id: "")
    let page: SQL =
      if let client {
        """
        SELECT \(unescaped: columns) FROM payment_events e
        WHERE e.client_id = \(client) AND (e.received_at, e.id) < (\(place.receivedAt), \(place.id))
          AND (\(state)::text IS NULL OR e.state = \(state))
        ORDER BY e.received_at DESC, e.id DESC LIMIT \(limit)
        """
      } else if let state {
        """
        SELECT \(unescaped: columns) FROM payment_events e
        WHERE e.state = \(state) AND (e.received_at, e.id) < (\(place.receivedAt), \(place.id))
        ORDER BY e.received_at DESC, e.id DESC LIMIT \(limit)
        """
      } else {
        """
        SELECT \(unescaped: columns) FROM payment_events e
        WHERE (e.received_at, e.id) < (\(place.receivedAt), \(place.id))
        ORDER BY e.received_at DESC, e.id DESC LIMIT \(limit)
        """
      }
    return try transaction.query(page).map(record(_:))
  }

  // MARK: Work

  /// Those that are to be tried now, in the order in which they happened.
  public static func due(
    now: Timestamp, limit: Int, in transaction: inout Transaction
  ) throws -> [String] {
    try transaction.query(
      """
      SELECT id FROM (
        SELECT id, occurred_at FROM payment_events
        WHERE state IN ('received', 'failed') AND next_attempt_at <= \(now)
        ORDER BY next_attempt_at LIMIT \(limit)) AS due
      ORDER BY occurred_at, id
      """
    ).map { try $0.decode(at: 0) }
  }

  /// Those that failed for want of a client and are about this payer or subscription, as they happened.
  public static func waiting(
    payer: String?, subscription: String?, limit: Int, in transaction: inout Transaction
  ) throws -> [String] {
    try transaction.query(
      """
      SELECT id FROM payment_events
      WHERE state = 'failed' AND failure = 'unknown_client'
        AND (payer_id = \(payer) OR subscription_id = \(subscription))
      ORDER BY occurred_at, id LIMIT \(limit)
      """
    ).map { try $0.decode(at: 0) }
  }

  /// Those that failed for want of a price, as they happened.
  public static func waitingForPrices(
    limit: Int, in transaction: inout Transaction
  ) throws -> [String] {
    try transaction.query(
      """
      SELECT id FROM payment_events WHERE state = 'failed' AND failure = 'unknown_price'
      ORDER BY occurred_at, id LIMIT \(limit)
      """
    ).map { try $0.decode(at: 0) }
  }

  /// What the client's processed events have said, in the order in which they happened.
  public static func history(
    of client: ID<Client>, in transaction: inout Transaction
  ) throws -> [PaymentAssertion] {
    try transaction.query(
      """
      SELECT id, contract, occurred_at, assertion, asserted_tier, asserted_from FROM payment_events
      WHERE client_id = \(client) AND assertion IS NOT NULL ORDER BY occurred_at, id
      """
    ).map { row in
      PaymentAssertion(
        event: try row.decode("id"), contract: try row.decode("contract"), at: try row.decode("occurred_at"),
        kind: try kind(row))
    }
  }

  /// Its end: processed or ignored.
  public static func finish(
    _ id: String, as state: State, client: ID<Client>?, outcome: String,
    assertion: PaymentAssertion? = nil, now: Timestamp, in transaction: inout Transaction
  ) {
    let (word, tier, from) = assertion.map { stored($0.kind) } ?? (nil, nil, nil)
    transaction.enqueue(
      """
      UPDATE payment_events
      SET state = \(state), attempts = attempts + 1, next_attempt_at = NULL, processed_at = \(now),
        client_id = \(client), outcome = \(outcome), failure = NULL, error = NULL,
        contract = \(assertion?.contract), assertion = \(word), asserted_tier = \(tier),
        asserted_from = \(from)
      WHERE id = \(id)
      """, expecting: 1)
  }

  /// It could not be processed. One that was processed before stays so, with the error beside it.
  public static func fail(
    _ id: String, _ failure: String, _ error: String, client: ID<Client>?, retryAt: Timestamp?,
    in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE payment_events
      SET state = CASE WHEN state IN ('processed', 'ignored') THEN state ELSE 'failed' END,
        next_attempt_at = CASE WHEN state IN ('processed', 'ignored') THEN NULL
          ELSE \(retryAt)::timestamptz END,
        attempts = attempts + 1, failure = \(failure), error = \(error),
        client_id = coalesce(\(client)::uuid, client_id)
      WHERE id = \(id)
      """, expecting: 1)
  }

  // MARK: Rows

  private static func record(_ row: Row) throws -> Record {
    Record(
      id: try row.decode("id"), type: try row.decode("type"), object: try row.decode("object_id"),
      payer: try row.decode("payer_id"), subscription: try row.decode("subscription_id"),
      at: try row.decode("occurred_at"), isLive: try row.decode("is_live"),
      receivedAt: try row.decode("received_at"), state: try row.decode("state"),
      attempts: Int(try row.decode("attempts", as: Int32.self)),
      nextAttemptAt: try row.decode("next_attempt_at"), processedAt: try row.decode("processed_at"),
      clientID: try row.decode("client_id"), outcome: try row.decode("outcome"),
      failure: try row.decode("failure"), error: try row.decode("error"))
  }

  private static func stored(
    _ kind: PaymentAssertion.Kind
  ) -> (word: String?, tier: String?, from: Timestamp?) {
    switch kind {
    case .priced(let tier): ("priced", tier.text, nil)
    case .paid(let tier, let from): ("paid", tier?.text, from)
    case .active(let tier): ("active", tier.text, nil)
    case .stopped: ("stopped", nil, nil)
    case .ended: ("ended", nil, nil)
    }
  }

  private static func kind(_ row: Row) throws -> PaymentAssertion.Kind {
    let word: String = try row.decode("assertion")
    let tier = try row.decode("asserted_tier", as: String?.self).map(PricingTierName.init(unchecked:))
    let from: Timestamp = try row.decode("asserted_from", as: Timestamp?.self) ?? row.decode("occurred_at")
    switch (word, tier) {
    case ("paid", _): return .paid(tier, from: from)
    case ("priced", let tier?): return .priced(tier)
    case ("active", let tier?): return .active(tier)
    case ("stopped", _): return .stopped
    // What an SQL user took the tier from says nothing but that it is there.
    case ("priced", nil), ("active", nil): return .paid(nil, from: from)
    default: return .ended
    }
  }
}

extension PaymentEventStore.State: PostgresEncodable, PostgresDecodable {}
