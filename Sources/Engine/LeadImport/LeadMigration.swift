import Domain
import Postgres
import Store

extension LeadImportService {
  /// Decides whose each lead is (`LeadClaimDecision`) and assigns it; some hundred leads in a transaction.
  /// What was decided stays decided: after a crash the rest is.
  public func settle(
    _ id: ID<LeadImport>, actor: Actor, leads limit: Int = 500, onProgress: @Sendable (Int) -> Void = { _ in }
  ) async throws {
    while true {
      let count = try await settleSome(id, actor, limit)
      guard count > 0 else { return }
      onProgress(count)
      try Task.checkCancellation()
    }
  }

  public func owners(of id: ID<LeadImport>) async throws -> [FormerClaim.Outcome: Int] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadMigrationStore.outcomes(of: id, in: &$0)
    }
  }

  private func settleSome(_ id: ID<LeadImport>, _ actor: Actor, _ limit: Int) async throws -> Int {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "migration", now: now, in: &transaction)
      guard let run = try LeadImportStore.lock(id, in: &transaction), run.state == .running else {
        throw Fault.notRunning
      }
      let claimed = try LeadMigrationStore.undecided(of: id, limit: limit, in: &transaction)
      guard !claimed.isEmpty else { return 0 }
      var kept: [(lead: ID<Lead>, claim: FormerClaim)] = []
      var outcomes: [(row: Int, outcome: FormerClaim.Outcome, lead: ID<Lead>)] = []
      for lead in claimed {
        guard !lead.isGone else {
          outcomes += lead.claims.map { ($0.row, .loses, lead.leadID) }
          continue
        }
        let decision = LeadClaimDecision(lead.claims, owner: lead.owner)
        if let claim = decision.assignment { kept.append((lead.leadID, claim)) }
        outcomes += lead.claims.map { ($0.row, decision.outcomes[$0.row] ?? .loses, lead.leadID) }
      }
      let given = run.isRehearsal ? [:] : try LeadMigrationStore.assign(kept, now: now, in: &transaction)
      if !run.isRehearsal {
        let refused = Set(kept.map(\.lead)).subtracting(given.keys)
        outcomes = outcomes.map { ($0.row, refused.contains($0.lead) ? .loses : $0.outcome, $0.lead) }
      }
      LeadMigrationStore.decide(
        outcomes.map { ($0.row, $0.outcome, $0.outcome == .keeps ? given[$0.lead] : nil) }, of: id,
        in: &transaction)
      return claimed.count
    }
  }

  /// Clients that do not get a lead that they had, in the order of the rows.
  public func collisions(
    of id: ID<LeadImport>, after row: Int = 0, limit: Int
  ) async throws -> [LeadMigrationStore.Collision] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadMigrationStore.collisions(of: id, after: row, limit: limit, in: &$0)
    }
  }
}
