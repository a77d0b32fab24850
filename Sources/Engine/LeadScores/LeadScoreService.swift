import Domain
import Postgres
import Runtime
import Store

/// How promising leads are for clients, and why.
public struct LeadScoreService: Sendable {
  /// A score with what it follows from.
  public struct Explained: Hashable, Sendable {
    public let lead: ID<Lead>
    public let client: ID<Client>
    /// Computed now.
    public let score: LeadScore
    public let weights: ScoreWeights
    public let profileVersion: Int
    public let match: ProfileMatch
    /// As it was computed last, if it ever was: for leads that the client has or the allocator looked at.
    public let stored: StoredScore?
  }

  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Nil when there is no such lead or client.
  ///
  /// - Parameter owner: nil unless the lead must be this client's now.
  public func explain(
    _ lead: ID<Lead>, for client: ID<Client>, ownedBy owner: ID<Client>? = nil
  ) async throws -> Explained? {
    let now = time.now
    return try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard let profile = try ProfileStore.find(client, in: &transaction),
        let found = try ScoredFactsStore.find([lead], in: &transaction).first
      else { return nil }
      if let owner {
        guard try LeadAssignmentStore.owners(of: [lead], in: &transaction)[lead] == owner else { return nil }
      }
      return Explained(
        lead: lead, client: client,
        score: LeadScore.score(found.facts, found.state, profile.profile, now: now),
        weights: profile.profile.weights, profileVersion: profile.version,
        match: ProfileMatch(found.facts, profile.profile),
        stored: try LeadScoreStore.find(lead, for: client, in: &transaction))
    }
  }

  /// Computes scores anew that are due: those of leads whose facts have changed, and those by an older
  /// profile; at most `limit` of them. Returns how many.
  ///
  /// - Parameter client: nil for those of all clients.
  public func rescore(
    of client: ID<Client>? = nil, now: Timestamp? = nil, limit: Int, actor: Actor
  ) async throws -> Int {
    let now = now ?? time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "score", now: now, in: &transaction)
      let due = try LeadScoreStore.lockDue(of: client, limit: limit, in: &transaction)
      guard !due.isEmpty else { return 0 }
      let profiles = try ProfileStore.find(Array(Set(due.map(\.client))), in: &transaction)
      let leads = Array(Set(due.map(\.lead)))
      let facts = Dictionary(
        uniqueKeysWithValues: try ScoredFactsStore.find(leads, in: &transaction).map { ($0.lead, $0) })
      let entries = due.compactMap { due -> LeadScoreStore.Entry? in
        guard let found = facts[due.lead], let profile = profiles[due.client] else { return nil }
        let score = LeadScore.score(found.facts, found.state, profile.profile, now: now)
        return (due.client, due.lead, score, profile.version)
      }
      LeadScoreStore.save(entries, now: now, in: &transaction)
      let gone = leads.filter { facts[$0] == nil }
      if !gone.isEmpty { LeadScoreStore.remove(gone, in: &transaction) }
      return due.count
    }
  }
}

/// Computes scores anew that are due.
public struct LeadScoresJob: Job {
  public let name = "lead-scores"
  public let interval: Duration
  private let scores: LeadScoreService

  public init(_ scores: LeadScoreService, interval: Duration = .minutes(1)) {
    self.scores = scores
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let chunk = min(limit, 5_000)
    let scored = try await scores.rescore(now: now, limit: chunk, actor: .job(name))
    return JobReport(processed: scored, hasMore: scored == chunk)
  }
}
