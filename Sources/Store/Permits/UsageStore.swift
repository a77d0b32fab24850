import Domain
import Postgres

/// What resources did in their days: exact, since whoever counts has the rows locked.
public enum UsageStore {
  /// One row of `resource_usage`.
  public struct Key: Hashable, Comparable, Sendable {
    public let resourceID: ID<Resource>
    public let channel: Channel
    public let day: CivilDate

    public init(resourceID: ID<Resource>, channel: Channel, day: CivilDate) {
      self.resourceID = resourceID
      self.channel = channel
      self.day = day
    }

    public static func < (a: Key, b: Key) -> Bool {
      (a.resourceID, a.channel.rawValue, a.day) < (b.resourceID, b.channel.rawValue, b.day)
    }
  }

  /// Makes the rows that are missing, locks all of them in their order, and reads how much is used.
  public static func lock(
    _ keys: Set<Key>, in transaction: inout Transaction
  ) throws -> [Key: Int] {
    let keys = keys.sorted()
    guard !keys.isEmpty else { return [:] }
    transaction.enqueue(
      """
      INSERT INTO resource_usage (resource_id, channel, day)
      SELECT k.resource_id, k.channel, k.day::date FROM \(input(keys))
      WHERE NOT EXISTS (
        SELECT FROM resource_usage u
        WHERE u.resource_id = k.resource_id AND u.channel = k.channel AND u.day = k.day::date)
      ORDER BY k.place ON CONFLICT ON CONSTRAINT resource_usage_pkey DO NOTHING
      """)
    return try used(
      transaction.query(
        """
        SELECT u.resource_id, u.channel, u.day::text, u.used
        FROM \(input(keys)) JOIN resource_usage u
          ON u.resource_id = k.resource_id AND u.channel = k.channel AND u.day = k.day::date
        ORDER BY k.place FOR NO KEY UPDATE OF u
        """))
  }

  /// How much is used, without a lock; what is missing is 0.
  public static func find(
    _ keys: Set<Key>, in transaction: inout Transaction
  ) throws -> [Key: Int] {
    let keys = keys.sorted()
    guard !keys.isEmpty else { return [:] }
    return try used(
      transaction.query(
        """
        SELECT u.resource_id, u.channel, u.day::text, u.used
        FROM \(input(keys)) JOIN resource_usage u
          ON u.resource_id = k.resource_id AND u.channel = k.channel AND u.day = k.day::date
        """))
  }

  private static func used(_ rows: Rows) throws -> [Key: Int] {
    var used: [Key: Int] = [:]
    for row in rows {
      guard let day = CivilDate(try row.decode(at: 2, as: String.self)) else { continue }
      let key = Key(resourceID: try row.decode(at: 0), channel: try row.decode(at: 1), day: day)
      used[key] = try row.decode(at: 3)
    }
    return used
  }

  /// Adds to rows that are locked.
  ///
  /// - Parameter limit: the day's limit under which it was counted; nil for a mailbox.
  public static func add(
    _ counts: [Key: (count: Int, limit: Int?)], in transaction: inout Transaction
  ) {
    let keys = counts.keys.sorted()
    guard !keys.isEmpty else { return }
    transaction.enqueue(
      """
      UPDATE resource_usage u SET used = u.used + c.added, top_limit = greatest(u.top_limit, c.top_limit)
      FROM \(input(keys)) JOIN unnest(\(keys.map { Int32(counts[$0]?.count ?? 0) }),
        \(keys.map { counts[$0]?.limit.map { Int32(clamping: $0) } ?? nil }))
        WITH ORDINALITY AS c (added, top_limit, place) ON c.place = k.place
      WHERE u.resource_id = k.resource_id AND u.channel = k.channel AND u.day = k.day::date
      """, expecting: keys.count)
  }

  /// Gives one place back.
  public static func giveBack(_ keys: [Key], in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE resource_usage u SET used = u.used - 1
      FROM \(input(keys.sorted()))
      WHERE u.resource_id = k.resource_id AND u.channel = k.channel AND u.day = k.day::date
      """, expecting: keys.count)
  }

  private static func input(_ keys: [Key]) -> UsageInput { UsageInput(keys: keys) }
}

/// Keys as a table `k (resource_id, channel, day, place)`.
struct UsageInput {
  let keys: [UsageStore.Key]
}

extension SQL.StringInterpolation {
  mutating func appendInterpolation(_ input: UsageInput) {
    appendLiteral("unnest(")
    appendInterpolation(input.keys.map(\.resourceID))
    appendLiteral(", ")
    appendInterpolation(input.keys.map(\.channel))
    appendLiteral("::text[], ")
    appendInterpolation(input.keys.map(\.day.description))
    appendLiteral(") WITH ORDINALITY AS k (resource_id, channel, day, place)")
  }
}
