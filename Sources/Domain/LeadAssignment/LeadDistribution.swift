/// Who of several clients gets which lead, turn by turn: fair, and the same for the same facts and seed.
///
/// A turn gives one client the best lead on its list that nobody has yet. Turns go round by weight, which is
/// what is left of the client's quota: a client with twice as much left gets twice as many turns. Each
/// client's *n*th turn is due at *n* ÷ weight, and the earliest due turn is next; so between two turns of a
/// client each other one gets at most ⌊its weight ÷ the client's⌋ + 1, and nobody starves. Turns that are due
/// at the same moment are ordered by a hash of the seed, the client and the turn.
public struct LeadDistribution: Sendable {
  /// A lead that a client would like.
  public struct Candidate: Hashable, Sendable {
    public let lead: ID<Lead>
    public let score: Int
    public let companyDomain: String?

    public init(lead: ID<Lead>, score: Int, companyDomain: String? = nil) {
      self.lead = lead
      self.score = score
      self.companyDomain = companyDomain
    }
  }

  /// One turn that gave something.
  public struct Turn: Hashable, Sendable {
    public let client: ID<Client>
    public let candidate: Candidate
  }

  public enum State: Hashable, Sendable {
    /// It is this client's turn, and its list is used up: `add` more, or say that there are no more.
    case needs(ID<Client>)
    /// Everybody has what it wants, or as much of it as there is.
    case done
  }

  private struct Party {
    let client: ID<Client>
    let weight: Int
    let claimsCompanies: Bool
    var wanted: Int
    var list: ArraySlice<Candidate> = []
    var isExhausted = false
    var turns = 0
    var tie: UInt64

    var isActive: Bool { wanted > 0 && !(isExhausted && list.isEmpty) }
  }

  public private(set) var turns: [Turn] = []
  private let seed: UInt64
  private let most: Int
  private var parties: [Party] = []
  private var given: Set<ID<Lead>> = []
  /// Who has people of a company by this distribution, and whether one of them claims companies.
  private var companies: [String: (client: ID<Client>, isClaimed: Bool)] = [:]

  /// - Parameter most: turns, all in all.
  public init(seed: UInt64, most: Int = .max) {
    self.seed = seed
    self.most = most
  }

  /// - Parameters:
  ///   - weight: what is left of the client's quota; below 1 counts as 1.
  ///   - wanted: how many leads it gets at most.
  public mutating func enter(
    _ client: ID<Client>, weight: Int, wanted: Int, claimsCompanies: Bool = false
  ) {
    precondition(!parties.contains { $0.client == client }, "a client takes part once")
    parties.append(
      Party(
        client: client, weight: max(1, weight), claimsCompanies: claimsCompanies, wanted: wanted,
        tie: Self.hash(seed, client, 0)))
  }

  /// Puts candidates at the end of a client's list, in the order of its wishes: the best score first.
  public mutating func add(_ candidates: [Candidate], for client: ID<Client>, isLast: Bool) {
    guard let index = parties.firstIndex(where: { $0.client == client }) else { return }
    parties[index].list += candidates
    parties[index].isExhausted = isLast
  }

  /// Gives out turns until a list is used up or all is done.
  public mutating func run() -> State {
    while turns.count < most, let index = next() {
      guard let candidate = take(for: index) else {
        if parties[index].isExhausted { continue }
        return .needs(parties[index].client)
      }
      let party = parties[index]
      given.insert(candidate.lead)
      if let domain = candidate.companyDomain, companies[domain]?.isClaimed != true {
        companies[domain] = (party.client, party.claimsCompanies)
      }
      turns.append(Turn(client: party.client, candidate: candidate))
      parties[index].turns += 1
      parties[index].wanted -= 1
      parties[index].tie = Self.hash(seed, party.client, party.turns + 1)
    }
    return .done
  }

  /// The best candidate of the client that is still to be had.
  private mutating func take(for index: Int) -> Candidate? {
    let party = parties[index]
    while let candidate = parties[index].list.popFirst() {
      if given.contains(candidate.lead) { continue }
      if let domain = candidate.companyDomain, let holder = companies[domain], holder.client != party.client,
        holder.isClaimed || party.claimsCompanies
      {
        continue
      }
      return candidate
    }
    return nil
  }

  /// The party whose turn is due first.
  private func next() -> Int? {
    var best: Int?
    for (index, party) in parties.enumerated() where party.isActive {
      if let other = best, !isBefore(party, parties[other]) { continue }
      best = index
    }
    return best
  }

  private func isBefore(_ a: Party, _ b: Party) -> Bool {
    // (turns + 1) ÷ weight, without the division.
    let (left, right) = ((a.turns + 1) * b.weight, (b.turns + 1) * a.weight)
    return (left, a.tie, a.client) < (right, b.tie, b.client)
  }

  /// SplitMix64 over the seed, the client and the turn.
  private static func hash(_ seed: UInt64, _ client: ID<Client>, _ turn: Int) -> UInt64 {
    [client.high, client.low, UInt64(turn)].reduce(seed) { mixed($0 ^ $1) }
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
