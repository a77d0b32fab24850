import Domain
import Postgres
import Store

/// Many lease commands served by one transaction: facts, decision, apply.
///
/// Two round trips: who asks and which numbers are free; the changes with COMMIT. A third one between them
/// when some of the leads hold a number or had one before.
struct LeaseRound {
  let commands: [LeaseCommand]
  /// The instant of the round. It moves forward to the last change of a row that the round waited for, so
  /// that history never runs backwards.
  private(set) var now: Timestamp
  private let isThorough: Bool
  /// Where each command's answer goes.
  private var answers: [Reply?]
  /// The answers that this round keeps.
  private var keptNow: [RoundKey: IdempotencyStore.Kept] = [:]
  /// Refusals of this round, which are not kept.
  private var refusedNow: [IdempotencyStore.Use: Reply] = [:]

  /// An idempotency key of one principal.
  private struct RoundKey: Hashable {
    let principalID: ID<APIKey>
    let key: String

    init(_ use: IdempotencyStore.Use) {
      principalID = use.principalID
      key = use.key
    }
  }

  /// What a round has to say to a command.
  enum Reply: Sendable {
    case answered(Answered<LeaseOutcome>)
    /// Somebody else holds the lead locked: ask again.
    case busy
    /// No number of the company could be locked. Whether it has none, or others have them locked, is found
    /// out outside the round.
    case dry(CompanyName)
  }

  private struct Claim {
    let lease: Lease
    let claim: LeaseClaim
    let actor: Actor
  }

  private init(_ commands: [LeaseCommand], now: Timestamp, isThorough: Bool) {
    self.commands = commands
    self.now = now
    self.isThorough = isThorough
    answers = Array(repeating: nil, count: commands.count)
  }

  /// `isThorough` looks for every lead's lease, whatever its pointer says.
  static func serve(
    _ commands: [LeaseCommand], now: Timestamp, isThorough: Bool = false, in transaction: inout Transaction
  ) throws -> [Reply] {
    var round = LeaseRound(commands, now: now, isThorough: isThorough)
    try round.replay(&transaction)
    repeat {
      let open = round.open
      try round.lease(open, &transaction)
      round.keep(open, &transaction)
    } while round.repeats()
    return round.answers.map { answer in
      guard let answer else { preconditionFailure("a lease command without an answer") }
      return answer
    }
  }

  /// Answers the commands whose idempotency key was used before.
  private mutating func replay(_ transaction: inout Transaction) throws {
    let keyed = commands.indices.filter { commands[$0].idempotency != nil }
    guard !keyed.isEmpty else { return }
    let uses = keyed.compactMap { commands[$0].idempotency?.use }
    let kept = try IdempotencyStore.lock(uses, now: now, in: &transaction)
    for (index, kept) in zip(keyed, kept) {
      answers[index] = commands[index].idempotency?.earlier(kept).map(Reply.answered)
    }
  }

  /// Keeps the answers of those that had an effect or confirmed one.
  private mutating func keep(_ open: [Int], _ transaction: inout Transaction) {
    var kept: [(use: IdempotencyStore.Use, status: Int, body: [UInt8])] = []
    for index in open {
      guard let idempotency = commands[index].idempotency, let reply = answers[index] else { continue }
      guard case .answered(.fresh(let outcome)) = reply, let answer = idempotency.answer(outcome) else {
        refusedNow[idempotency.use] = reply
        continue
      }
      kept.append((idempotency.use, answer.status, answer.body))
      keptNow[RoundKey(idempotency.use)] = IdempotencyStore.Kept(
        fingerprint: idempotency.use.fingerprint, status: answer.status, body: answer.body)
    }
    IdempotencyStore.keep(kept, now: now, in: &transaction)
  }

  /// Those without an answer, but of several with the same idempotency key only the first: what the others
  /// get hangs on its answer.
  private var open: [Int] {
    var keys: Set<RoundKey> = []
    return commands.indices.filter { index in
      guard answers[index] == nil else { return false }
      return commands[index].idempotency.map { keys.insert(RoundKey($0.use)).inserted } ?? true
    }
  }

  /// Answers those whose key came earlier in this round. True when some are left, because a refusal of
  /// another request with their key is not kept: then the next of them has its turn.
  private mutating func repeats() -> Bool {
    var isDone = true
    for index in commands.indices where answers[index] == nil {
      guard let idempotency = commands[index].idempotency else { continue }
      answers[index] =
        idempotency.earlier(keptNow[RoundKey(idempotency.use)]).map(Reply.answered)
        ?? refusedNow[idempotency.use]
      if answers[index] == nil { isDone = false }
    }
    return !isDone
  }

  private mutating func lease(_ open: [Int], _ transaction: inout Transaction) throws {
    guard !open.isEmpty else { return }
    var found = try LeaseFactsStore.find(
      leads: Set(open.map { commands[$0].leadID }), demands: demands(open), now: now, in: &transaction)
    let requests = open.map { request(for: commands[$0], found) }
    let facts = try facts(&found, &transaction)
    let decisions = LeaseDecision.decide(requests, facts: facts, now: now)
    var claims: [Claim] = []
    var granted: [Int: Lease] = [:]
    for (place, decision) in decisions.enumerated() {
      let command = commands[open[place]]
      switch decision {
      case .held(let lease): answers[open[place]] = .answered(.fresh(.held(lease)))
      case .sameAs(let earlier):
        guard let lease = granted[earlier] else { preconditionFailure("nothing was claimed") }
        answers[open[place]] = .answered(.fresh(.held(lease)))
      case .claim(let claim):
        let lease = self.lease(claim, requests[place], command)
        granted[place] = lease
        claims.append(Claim(lease: lease, claim: claim, actor: command.actor))
        answers[open[place]] = .answered(.fresh(.granted(lease)))
      case .unknownLead:
        let isBusy = found.busy.contains(command.leadID)
        answers[open[place]] = isBusy ? .busy : .answered(.fresh(.unknownLead))
      case .unknownCompany: answers[open[place]] = .answered(.fresh(.unknownCompany(similar: [])))
      case .exhausted:
        let company = requests[place].clientID.flatMap { found.clientsByID[$0] }
        answers[open[place]] = company.map(Reply.dry) ?? .busy
      }
    }
    endDue(claims.map(\.claim), facts, &transaction)
    apply(claims, &transaction)
  }

  /// A number for each request, though some will turn out to need none: numbers are locked before it is known
  /// who holds one already.
  private func demands(_ open: [Int]) -> [PoolReference: LeaseFactsStore.Demand] {
    var demands: [PoolReference: LeaseFactsStore.Demand] = [:]
    for index in open {
      let command = commands[index]
      demands[command.pool, default: .init()].count += 1
      if let near = command.near { demands[command.pool, default: .init()].near[near, default: 0] += 1 }
    }
    return demands
  }

  private func request(for command: LeaseCommand, _ found: LeaseFactsStore.Found) -> LeaseRequest {
    let clientID: ID<Client>? =
      switch command.pool {
      case .client(let id): found.clientsByID[id] == nil ? nil : id
      case .company(let name): found.clientsByName[name]
      }
    let isForbidden = command.allowed != nil && command.allowed != clientID
    return LeaseRequest(clientID: isForbidden ? nil : clientID, leadID: command.leadID, near: command.near)
  }

  /// Looks after those leads that hold a number or had one before; for the others the first look was enough.
  private mutating func facts(
    _ found: inout LeaseFactsStore.Found, _ transaction: inout Transaction
  ) throws -> LeaseFacts {
    var facts = LeaseFacts(leads: Set(found.recent.keys))
    let known = found.recent.keys.filter {
      isThorough || found.holders.contains($0) || found.recent[$0] != []
    }
    if !known.isEmpty {
      facts.unended = try LeaseFactsStore.findPast(
        of: known.sorted(), now: now, in: &transaction, addingTo: &found)
    }
    facts.candidates = found.candidates
    for (clientID, numbers) in found.candidates {
      for number in numbers { now = max(now, number.updatedAt) }
      guard !known.isEmpty else { continue }
      let ids = Set(numbers.map(\.providerNumberID))
      for lead in known {
        facts.previous[LeaseHolder(clientID: clientID, leadID: lead)] =
          found.recent[lead]?.first(where: ids.contains)
      }
    }
    return facts
  }

  private func lease(_ claim: LeaseClaim, _ request: LeaseRequest, _ command: LeaseCommand) -> Lease {
    guard let clientID = request.clientID, let company = claim.number.company
    else { preconditionFailure("a claim of nobody's number") }
    return Lease(
      id: ID(at: now), granting: claim, of: clientID, company: company, to: command.leadID,
      customerPhone: command.customerPhone, at: now)
  }

  /// Ends the due leases that stand in the way of the claims.
  private func endDue(
    _ claims: [LeaseClaim], _ facts: LeaseFacts, _ transaction: inout Transaction
  ) {
    guard claims.contains(where: { !$0.endsExpired.isEmpty }) else { return }
    var numbers: [ID<Lease>: ProviderNumberID] = [:]
    for lease in facts.unended.values { numbers[lease.id] = lease.providerNumberID }
    for claim in claims {
      if let lease = claim.number.leaseID { numbers[lease] = claim.number.providerNumberID }
    }
    let due = claims.flatMap(\.endsExpired).compactMap { lease in
      numbers[lease].map { LeaseEndStore.Ending(leaseID: lease, numberID: $0) }
    }
    LeaseEndStore.end(due, because: .expired, actor: .job("claim"), now: now, in: &transaction)
  }

  /// Writes the claims: a statement for each actor, in which each lead stands once.
  private func apply(_ claims: [Claim], _ transaction: inout Transaction) {
    var rest = claims
    while let actor = rest.first?.actor {
      var leads: Set<ID<Lead>> = []
      var now: [Lease] = []
      var later: [Claim] = []
      for claim in rest {
        if claim.actor == actor, leads.insert(claim.lease.leadID).inserted {
          now.append(claim.lease)
        } else {
          later.append(claim)
        }
      }
      LeaseClaimStore.claim(now, actor: actor, now: self.now, in: &transaction)
      rest = later
    }
  }
}
