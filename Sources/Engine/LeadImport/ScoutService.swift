import Domain
import Postgres
import Runtime
import Store

/// Looks for people at a provider and brings them into the pool: searches for nothing, asks only for those
/// whom the pool does not know, and counts every credit before the next one is spent.
public struct ScoutService: Sendable {
  private let imports: LeadImportService
  private let database: Database
  private let time: any TimeSource
  private let provider: any LeadProvider
  private let monthlyCredits: Double?
  /// Waits; tests do not.
  private let pause: @Sendable (Duration) async throws -> Void

  public init(
    database: Database, time: any TimeSource, provider: any LeadProvider, monthlyCredits: Double?,
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    imports = LeadImportService(database: database, time: time)
    self.database = database
    self.time = time
    self.provider = provider
    self.monthlyCredits = monthlyCredits
    self.pause = pause
  }

  public struct Wish: Hashable, Sendable {
    public var filters: ScoutFilters
    /// The most people to bring in.
    public var limit: Int
    /// The most credits to spend.
    public var credits: Double?
    /// People of whom the pool has a record that is older than this are asked for again; nil: never.
    public var age: Duration?

    public init(filters: ScoutFilters, limit: Int, credits: Double? = nil, age: Duration? = nil) {
      self.filters = filters
      self.limit = limit
      self.credits = credits
      self.age = age
    }
  }

  public struct Outcome: Hashable, Sendable {
    /// What the search finds altogether.
    public var total = 0
    /// Looked at.
    public var found = 0
    /// Of these, whom the pool knows already.
    public var known = 0
    /// Asked for.
    public var asked = 0
    public var credits: Double = 0
    /// Why there are not more; nil when the wish was fulfilled or nobody else is found.
    public var stop: String?
    public var run: LeadImport?
  }

  /// Counts who would be asked for; costs nothing and keeps nothing.
  public func rehearse(_ wish: Wish) async throws -> Outcome {
    var outcome = Outcome()
    var page = 1
    while outcome.asked < wish.limit, page <= LeadProviderLimits.pages {
      let found = try await search(wish.filters, page)
      outcome.total = found.total
      outcome.found += found.ids.count
      let known = try await known(found.ids, wish)
      outcome.known += known.count
      outcome.asked = min(wish.limit, outcome.asked + found.ids.count - known.count)
      if found.ids.count < LeadProviderLimits.page { break }
      page += 1
    }
    return outcome
  }

  /// Brings people in. One run at a time for a provider; who starts the same again goes on with it.
  ///
  /// - Throws: `ProviderFailure` when the provider refuses or stays away: what was taken stays, and the run
  ///   can be gone on with. `LeadImportService.Fault` when somebody else is at it.
  public func run(
    _ begun: LeadImport, _ wish: Wish, actor: Actor,
    onProgress: @Sendable (LeadImport) -> Void = { _ in }
  ) async throws -> Outcome {
    var turn = Turn(run: begun, place: begun.place)
    turn.outcome.asked = begun.place.row
    while turn.outcome.stop == nil, turn.outcome.asked < wish.limit {
      let page = turn.place.offset / LeadProviderLimits.page + 1
      guard page <= LeadProviderLimits.pages else {
        turn.outcome.stop = "the provider shows no more than \(LeadProviderLimits.pages) pages"
        break
      }
      let found = try await search(wish.filters, page)
      turn.outcome.total = found.total
      let rest = Array(found.ids.dropFirst(turn.place.offset % LeadProviderLimits.page))
      guard !rest.isEmpty else { break }
      try await take(rest, wish, &turn, actor, onProgress)
      if found.ids.count < LeadProviderLimits.page { break }
    }
    turn.outcome.run = try await imports.finish(begun.id, actor: actor)
    turn.outcome.credits = try await spent(begun.id).run
    return turn.outcome
  }

  /// Begins a run, or finds the one of this provider that is not at its end.
  public func begin(
    name: String, options: String, restarts: Bool, actor: Actor
  ) async throws -> LeadImportService.Beginning {
    try await imports.begin(
      .init(
        kind: .scout, name: name, source: provider.name, format: "search",
        fingerprint: "scout at \(provider.name)", options: options, restarts: restarts), actor: actor)
  }

  private struct Turn {
    var run: LeadImport
    var place: LeadImportPlace
    var outcome = Outcome()
  }

  /// The people of one page, in batches.
  private func take(
    _ ids: [String], _ wish: Wish, _ turn: inout Turn, _ actor: Actor,
    _ onProgress: @Sendable (LeadImport) -> Void
  ) async throws {
    let known = try await known(ids, wish)
    var rest = ids[...]
    while !rest.isEmpty, turn.outcome.stop == nil, turn.outcome.asked < wish.limit {
      let most = min(LeadProviderLimits.batch, wish.limit - turn.outcome.asked)
      let wanted = rest.filter { !known.contains($0) }.prefix(most)
      let spent = try await spent(turn.run.id)
      let budget = ScoutBudget(
        run: wish.credits, month: monthlyCredits, spentByRun: spent.run, spentInMonth: spent.month)
      let (people, bound) = budget.allowance(of: wanted.count)
      if let bound, people == 0 {
        turn.outcome.stop = bound.rawValue
        return
      }
      let batch = Array(wanted.prefix(people))
      // Up to and with the last of the batch; those whom the pool knows are passed over.
      let end = batch.last.flatMap { rest.firstIndex(of: $0) }.map { $0 + 1 } ?? rest.endIndex
      let passed = rest[..<end]
      try await bring(batch, passing: passed.count, &turn, actor)
      turn.outcome.found += passed.count
      turn.outcome.known += passed.count - batch.count
      turn.outcome.asked += batch.count
      rest = rest[end...]
      onProgress(turn.run)
    }
  }

  private func bring(
    _ batch: [String], passing count: Int, _ turn: inout Turn, _ actor: Actor
  ) async throws {
    var end = turn.place
    end.offset += count
    var rows: [LeadImportInput] = []
    if !batch.isEmpty {
      let answer = try await enrich(batch, turn.run.id)
      let now = time.now
      for bytes in answer.people {
        end.row += 1
        rows.append(
          LeadImportInput(
            row: end.row,
            content: ApolloRecord.incoming(bytes, row: end.row, receivedAt: now, source: provider.name)))
      }
      for _ in answer.people.count..<max(batch.count, answer.people.count) {
        end.row += 1
        rows.append(
          LeadImportInput(
            row: end.row, content: .failure(FieldError(field: "record", detail: "nobody was found"))))
      }
      if answer.pace == .exhausted {
        turn.outcome.stop = "the provider's calls of the hour or day are used up"
      }
    }
    turn.run = try await imports.take(
      LeadImportChunk(start: turn.place, end: end, rows: rows), in: turn.run.id, actor: actor)
    turn.place = end
  }

  // MARK: The provider

  /// Tried again where nothing happened, or nothing was spent.
  private func search(_ filters: ScoutFilters, _ page: Int) async throws -> ScoutPage {
    let found = try await persistently { try await provider.search(filters, page: page) }
    if case .wait(let span) = found.pace { try await pause(span) }
    return found
  }

  /// Every call that may have cost something is counted before anything else is done; one whose answer was
  /// lost at the most that it may have cost.
  private func enrich(_ ids: [String], _ id: ID<LeadImport>) async throws -> ScoutAnswer {
    let answer: ScoutAnswer = try await persistently {
      do { return try await provider.enrich(ids) } catch let failure as ProviderFailure {
        if failure.kind == .unknown { try await count(Double(ids.count), ids.count, id, isStated: false) }
        throw failure
      }
    }
    try await count(
      answer.credits ?? Double(ids.count), ids.count, id, isStated: answer.credits != nil)
    if case .wait(let span) = answer.pace { try await pause(span) }
    return answer
  }

  private static let attempts = 4

  private func persistently<R>(_ call: () async throws -> R) async throws -> R {
    for attempt in 1..<Self.attempts {
      do { return try await call() } catch let failure as ProviderFailure where failure.kind != .refused {
        try await pause(failure.retryAfter ?? .seconds(1 << attempt))
      }
    }
    return try await call()
  }

  // MARK: The database

  private func known(_ ids: [String], _ wish: Wish) async throws -> Set<String> {
    let since = wish.age.map { time.now - $0 }
    let name = provider.name
    return try await database.transaction(.init(isReadOnly: true)) {
      try ScoutStore.known(ids, at: name, since: since, in: &$0)
    }
  }

  private func count(_ credits: Double, _ people: Int, _ id: ID<LeadImport>, isStated: Bool) async throws {
    let now = time.now
    let name = provider.name
    try await database.transaction { transaction in
      ScoutStore.spend(
        credits, for: people, on: "enrich", at: name, isStated: isStated, import: id, now: now,
        in: &transaction)
    }
  }

  private func spent(_ id: ID<LeadImport>) async throws -> (run: Double, month: Double) {
    let now = time.now
    let name = provider.name
    return try await database.transaction(.init(isReadOnly: true)) {
      try ScoutStore.spent(by: id, at: name, now: now, in: &$0)
    }
  }
}
