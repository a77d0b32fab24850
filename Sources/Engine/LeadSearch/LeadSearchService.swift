import Domain
import Postgres
import Runtime
import Store

/// Lists and searches of leads. Each page looks at a bounded number of leads, so that none takes long,
/// whatever is looked for: a page of a rare thing may hold fewer leads than asked for, or none, and still
/// say where to go on.
public struct LeadSearchService: Sendable {
  public struct Page: Hashable, Sendable {
    public let leads: [LeadSummary]
    /// After which lead to look further; nil at the end.
    public let next: ID<Lead>?

    static let empty = Page(leads: [], next: nil)
  }

  private let database: Database

  public init(database: Database) { self.database = database }

  /// - Parameters:
  ///   - client: only leads that are this client's; nil: all.
  ///   - place: the lead after which the page begins.
  ///   - fields: to read beside those that lists always show.
  public func search(
    _ query: LeadQuery, for client: ID<Client>? = nil, fields: [LeadField] = [],
    after place: ID<Lead>? = nil, limit: Int
  ) async throws -> Page {
    guard let query = query.limited(to: client) else { return .empty }
    var seen: Set<LeadField> = []
    let fields = (LeadSummary.fields + fields).filter { seen.insert($0).inserted }
    return try await database.transaction(Self.options) { transaction in
      LeadSearchStore.prepare(in: &transaction)
      let found = try Self.found(
        LeadSearchStore(query, after: place), limit: limit + 1, in: &transaction)
      let ids = Array(found.ids.prefix(limit))
      return Page(
        leads: try LeadSummaryStore.find(ids, fields: fields, in: &transaction),
        next: found.ids.count > limit ? ids.last : found.reached)
    }
  }

  /// Step by step until the page is full or the end is reached.
  private static func found(
    _ store: LeadSearchStore, limit: Int, in transaction: inout Transaction
  ) throws -> LeadSearchStore.Found {
    var best = LeadSearchStore.Found.nothing
    for step in try store.plan(limit: limit, in: &transaction).steps {
      switch step {
      case .gather(let most):
        if let all = try store.gather(most: most, limit: limit, in: &transaction) { return all }
      case .walk(let most):
        best = try store.walk(most: most, limit: limit, in: &transaction)
        if best.ids.count >= limit || best.reached == nil { return best }
      }
    }
    return best
  }

  /// All leads in the order of their creation, merged and forgotten ones left out.
  ///
  /// - Parameters:
  ///   - email: only leads with exactly this address.
  ///   - client: only leads that are this client's; nil: all.
  public func list(
    email: EmailAddress? = nil, of client: ID<Client>? = nil, after place: ID<Lead>? = nil, limit: Int
  ) async throws -> [LeadSummary] {
    try await database.transaction(Self.options) { transaction in
      LeadSearchStore.prepare(in: &transaction)
      return try LeadSummaryStore.list(
        email: email, of: client, after: place, limit: limit, in: &transaction)
    }
  }

  /// Whether a lead exists for whoever sees only the client's leads; for who sees all (nil), any does.
  public func sees(_ id: ID<Lead>, for client: ID<Client>?) async throws -> Bool {
    guard let client else { return true }
    return try await database.transaction(Self.options) {
      try PoolLeadStore.owner(of: id, in: &$0) == client
    }
  }

  /// Counted one by one up to `LeadCount.exact`, and estimated beyond that, or when counting takes too long.
  public func count(_ query: LeadQuery, for client: ID<Client>? = nil) async throws -> LeadCount {
    guard let query = query.limited(to: client) else { return LeadCount(0, isEstimate: false) }
    if let count = try await counted(query), count <= LeadCount.exact {
      return LeadCount(count, isEstimate: false)
    }
    let estimate = try await database.transaction(Self.options) { transaction in
      transaction.enqueue("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
      return try LeadCountStore.estimate(query, in: &transaction)
    }
    return LeadCount(estimate, isEstimate: true)
  }

  /// Nil when that takes too long.
  private func counted(_ query: LeadQuery) async throws -> Int? {
    do {
      return try await database.transaction(.init(isReadOnly: true, statementTimeout: Self.patience)) {
        transaction in
        transaction.enqueue(
          """
          SELECT set_config(name, value, true)
          FROM (VALUES ('plan_cache_mode', 'force_custom_plan'), ('jit', 'off'),
            ('max_parallel_workers_per_gather', '0')) AS s (name, value)
          """)
        return try LeadCountStore.count(query, in: &transaction)
      }
    } catch let error as PostgresError where [.statementTimeout, .connectionLost].contains(error.kind) {
      // A server that gives up between two messages leaves the connection out of step.
      return nil
    }
  }

  /// How long counting may take.
  private static let patience = Duration.milliseconds(150)

  /// The statements of a page see the pool as it was at one instant.
  private static let options = TransactionOptions(
    isolation: .repeatableRead, isReadOnly: true, statementTimeout: .seconds(5))
}
