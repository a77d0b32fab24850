import Domain
import Postgres
import Store

/// Works out turns for the shares of a plan, inside a transaction.
struct LeadPlanning {
  /// One client of the plan.
  struct Party {
    let client: ID<Client>
    let profile: IdealProfile
    let weight: Int
    let wanted: Int
  }

  let plan: ID<LeadPlan>
  let seed: Int64
  let parties: [Party]
  var most = LeadPlan.most

  /// Candidates that are read at once, for one client.
  private static let largestPage = 20_000

  func turns(in transaction: inout Transaction) throws -> [LeadDistribution.Turn] {
    var distribution = LeadDistribution(seed: UInt64(bitPattern: seed), most: most)
    var profiles: [ID<Client>: IdealProfile] = [:]
    var places: [ID<Client>: LeadCandidateStore.Place] = [:]
    var pages: [ID<Client>: Int] = [:]
    for party in parties where party.wanted > 0 {
      distribution.enter(
        party.client, weight: party.weight, wanted: party.wanted,
        claimsCompanies: party.profile.claimsCompanies)
      profiles[party.client] = party.profile
      // A little more than is wanted: others may take some.
      pages[party.client] = min(Self.largestPage, party.wanted + party.wanted / 8 + 50)
    }
    while case .needs(let client) = distribution.run() {
      guard let profile = profiles[client], let page = pages[client] else { break }
      let found = try LeadCandidateStore.find(
        for: client, profile, besides: plan, seed: seed, after: places[client], limit: page,
        in: &transaction)
      places[client] = found.last?.place
      // The best come first, so after one that is of no use there is none of use.
      let useful = found.map(\.candidate).filter { $0.score >= LeadScore.leastUseful }
      distribution.add(
        try allowed(useful, for: client, profile, in: &transaction), for: client,
        isLast: found.count < page || useful.count < found.count)
    }
    return distribution.turns
  }

  /// Without those that the client must not get for other reasons than its profile.
  private func allowed(
    _ candidates: [LeadDistribution.Candidate], for client: ID<Client>, _ profile: IdealProfile,
    in transaction: inout Transaction
  ) throws -> [LeadDistribution.Candidate] {
    let suppressed = try LeadClaimStore.suppressed(candidates.map(\.lead), for: client, in: &transaction)
    let owners = try LeadClaimStore.companyOwners(
      of: candidates.compactMap(\.companyDomain), besides: client, claims: profile.claimsCompanies,
      in: &transaction)
    if suppressed.isEmpty && owners.isEmpty { return candidates }
    return candidates.filter { candidate in
      !suppressed.contains(candidate.lead) && !(candidate.companyDomain.map { owners[$0] != nil } ?? false)
    }
  }
}
