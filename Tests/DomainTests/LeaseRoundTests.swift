import Domain
import Testing

/// Facts of one client: leads 1 to 99 exist.
func facts(
  _ candidates: [PooledNumber], unended: [Lease] = [], previous: [(ID<Lead>, String)] = []
) -> LeaseFacts {
  func holder(_ lead: ID<Lead>) -> LeaseHolder { LeaseHolder(clientID: someClient, leadID: lead) }
  return LeaseFacts(
    leads: Set((1...99).map { lead($0) }),
    unended: Dictionary(uniqueKeysWithValues: unended.map { (holder($0.leadID), $0) }),
    previous: Dictionary(
      uniqueKeysWithValues: previous.map { (holder($0.0), ProviderNumberID($0.1)!) }),
    candidates: [someClient: candidates])
}

func request(_ leadNumber: UInt64, near: String? = nil) -> LeaseRequest {
  LeaseRequest(clientID: someClient, leadID: lead(leadNumber), near: near.map { Near($0)! })
}

func decide(_ requests: [LeaseRequest], _ facts: LeaseFacts) -> [LeaseDecision] {
  LeaseDecision.decide(requests, facts: facts, now: noon)
}

extension LeaseDecision {
  var claimed: String? {
    if case .claim(let claim) = self { claim.number.providerNumberID.text } else { nil }
  }
  var ends: [ID<Lease>]? { if case .claim(let claim) = self { claim.endsExpired } else { nil } }
}

@Suite struct `Rotation order` {
  @Test("R18: never used first, then least recently used, then by id in byte order")
  func order() {
    let numbers = [
      number("e", usedAt: noon), number("d", usedAt: noon - .hours(9)), number("b"), number("B"),
      number("c", usedAt: noon - .hours(9)), number("a", usedAt: noon - .microseconds(1)),
    ]
    #expect(
      numbers.sorted(by: Rotation.order).map(\.providerNumberID.text) == ["B", "b", "c", "d", "a", "e"])
  }

  @Test("R18: the order is strict")
  func strict() {
    let used = number("a", usedAt: noon)
    #expect(!Rotation.order(used, used) && !Rotation.order(number("a"), number("a")))
    #expect(Rotation.order(number("z"), used) && !Rotation.order(used, number("z")))
  }
}

@Suite struct `A round of leases` {
  let three = [number("a", usedAt: noon - .hours(20)), number("b", usedAt: noon - .hours(30)), number("c")]

  @Test("R18: gives the least recently used numbers, in the order of the requests")
  func rotation() {
    let answers = decide([request(1), request(2), request(3), request(4)], facts(three))
    #expect(answers.map(\.claimed) == ["c", "b", "a", nil])
    #expect(answers[3] == .exhausted)
  }

  @Test("R18: a lead that still has a number gets the same one")
  func held() {
    let live = lease(releaseAt: noon + .microseconds(1))
    #expect(decide([request(1), request(1)], facts(three, unended: [live])) == [.held(live), .held(live)])
  }

  @Test("R18: a lead that had one before gets that one back if it is free")
  func previous() {
    #expect(decide([request(1)], facts(three, previous: [(lead(1), "a")])).map(\.claimed) == ["a"])
    #expect(decide([request(1)], facts(three, previous: [(lead(1), "gone")])).map(\.claimed) == ["c"])
    let taken = decide([request(2), request(1)], facts(three, previous: [(lead(1), "c")]))
    #expect(taken.map(\.claimed) == ["c", "b"])
  }

  @Test("R18: the number it had before goes over the one that is near")
  func previousOverNear() {
    let numbers = three + [number("ny", e164: "+12125550100")]
    let answers = decide([request(1, near: "212")], facts(numbers, previous: [(lead(1), "a")]))
    #expect(answers.map(\.claimed) == ["a"])
  }

  @Test("R18: a lead whose own lease is due gets that number back under a new term")
  func ownExpired() {
    let due = lease(id: 5, on: "a", leasedAt: noon - .hours(18))
    let numbers = [number("a", usedAt: noon - .hours(18), leaseID: 5, releaseAt: noon), number("c")]
    let answers = decide([request(1)], facts(numbers, unended: [due]))
    #expect(answers.map(\.claimed) == ["a"])
    #expect(answers[0].ends == [due.id])
    if case .claim(let claim) = answers[0] { #expect(claim.term == 8) }
  }

  @Test("R18: a lead whose own due number is out of reach gets another, and both leases end")
  func ownExpiredElsewhere() {
    let due = lease(id: 5, on: "a", leasedAt: noon - .hours(20))
    let numbers = [number("b", usedAt: noon - .hours(40), leaseID: 6, releaseAt: noon - .hours(1))]
    let answers = decide([request(1)], facts(numbers, unended: [due]))
    #expect(answers.map(\.claimed) == ["b"])
    #expect(answers[0].ends == [ID(high: 3, low: 6), due.id])
  }

  @Test func `ends no lease twice`() {
    let due = lease(id: 5, on: "a", leasedAt: noon - .hours(20))
    let numbers = [
      number("a", usedAt: noon - .hours(20), leaseID: 5, releaseAt: noon), number("b", usedAt: noon),
    ]
    let answers = decide([request(2), request(1)], facts(numbers, unended: [due]))
    #expect(answers.map(\.claimed) == ["a", "b"])
    #expect(answers.map(\.ends) == [[due.id], []])
  }

  @Test(
    "R17: numbers that are not free are passed over",
    arguments: [
      number("x", leaseID: 9, releaseAt: noon + .microseconds(1)), number("x", status: .inactive),
      number("x", status: .maintenance), number("x", leaseID: 9),
    ])
  func notFree(taken: PooledNumber) {
    #expect(decide([request(1)], facts([taken])) == [.exhausted])
  }

  @Test func `answers the same lead and company twice with one claim`() {
    let answers = decide([request(1), request(2), request(1, near: "212")], facts(three))
    #expect(answers.map(\.claimed) == ["c", "b", nil])
    #expect(answers[2] == .sameAs(0))
  }

  @Test func `says what is unknown, the company first`() {
    let nobody = LeaseRequest(clientID: nil, leadID: lead(500))
    let empty = LeaseRequest(clientID: otherClient, leadID: lead(1))
    #expect(
      decide([nobody, request(500), empty], facts(three)) == [.unknownCompany, .unknownLead, .exhausted])
  }

  @Test func `keeps clients apart`() {
    var both = facts(three)
    both.candidates[otherClient] = [number("z")]
    let other = LeaseRequest(clientID: otherClient, leadID: lead(1))
    #expect(decide([request(1), other, other], both).map(\.claimed) == ["c", "z", nil])
  }

  @Test func `takes a candidate that is given twice only once`() {
    #expect(
      decide([request(1), request(2)], facts([number("a"), number("a")])).map(\.claimed) == ["a", nil])
  }

  @Test func `goes from the exact area over the region to any, each in rotation order`() {
    let numbers = [
      number("la-2", e164: "+14244851544", usedAt: noon - .hours(1)),
      number("la-1", e164: "+14244851545", usedAt: noon - .hours(2)),
      number("sf", e164: "+14154851544", usedAt: noon - .hours(30)),
      number("ny", e164: "+12124851544"),
      number("tagged", e164: "+12124851545", usedAt: noon - .hours(3), territories: ["424"]),
    ]
    let answers = decide((1...6).map { request($0, near: "424") }, facts(numbers))
    #expect(answers.map(\.claimed) == ["tagged", "la-1", "la-2", "sf", "ny", nil])
  }
}

@Suite struct `Any round of leases` {
  /// A random pool of one client with a random round, always the same for a seed.
  struct World {
    var facts: LeaseFacts
    var requests: [LeaseRequest] = []

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      let codes = ["424", "310", "212", "718", "415"]
      var numbers: [PooledNumber] = []
      var unended: [Lease] = []
      for index in 0..<UInt64.random(in: 0...30, using: &generator) {
        let isLeased = Bool.random(using: &generator)
        let releaseAt = noon + .hours(Int.random(in: -5...5, using: &generator))
        if isLeased {
          unended.append(lease(id: index, of: lead(index + 1), on: "n\(index)", releaseAt: releaseAt))
        }
        numbers.append(
          number(
            "n\(index)", e164: "+1\(codes.randomElement(using: &generator)!)55501\(10 + index)",
            usedAt: isLeased || Bool.random(using: &generator)
              ? noon - .hours(Int.random(in: 6...30, using: &generator)) : nil,
            leaseID: isLeased ? index : nil, releaseAt: isLeased ? releaseAt : nil,
            status: Int.random(in: 0..<8, using: &generator) == 0 ? .inactive : .active))
      }
      let previous = (40...60).map { (lead($0), "n\(UInt64.random(in: 0...30, using: &generator))") }
      facts = DomainTests.facts(numbers.shuffled(using: &generator), unended: unended, previous: previous)
      for _ in 0..<40 {
        let near = [nil, nil, "424", "CA", "New York"].randomElement(using: &generator)!
        requests.append(request(UInt64.random(in: 1...110, using: &generator), near: near))
      }
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `gives each number once, to one lead, and ends only what is due`(seed: UInt64) {
    let world = World(seed: seed)
    let answers = decide(world.requests, world.facts)
    #expect(answers.count == world.requests.count)
    let claims = answers.compactMap { if case .claim(let claim) = $0 { claim } else { nil } }
    #expect(Set(claims.map(\.number.providerNumberID)).count == claims.count)
    #expect(claims.allSatisfy { $0.number.isLeasable(at: noon) })
    let ended = claims.flatMap(\.endsExpired)
    #expect(Set(ended).count == ended.count)
    let due = world.facts.unended.values.filter { !$0.isLive(at: noon) }.map(\.id)
    #expect(Set(ended).isSubset(of: due))
    // Whoever claims has no other lease left, and neither has the number.
    for (request, answer) in zip(world.requests, answers) {
      guard case .claim(let claim) = answer else { continue }
      let own = world.facts.unended[LeaseHolder(clientID: someClient, leadID: request.leadID)]
      #expect(own.map { ended.contains($0.id) } ?? true)
      #expect(claim.number.leaseID.map { ended.contains($0) } ?? true)
    }
  }

  @Test("R18: agrees with a plain search, request by request", arguments: 200..<400 as Range<UInt64>)
  func plainSearch(seed: UInt64) {
    let world = World(seed: seed)
    var left = world.facts.candidates[someClient]!.filter { $0.isLeasable(at: noon) }
    var served: [ID<Lead>: Int] = [:]
    let answers = decide(world.requests, world.facts)
    for (place, request) in world.requests.enumerated() {
      let holder = LeaseHolder(clientID: someClient, leadID: request.leadID)
      let own = world.facts.unended[holder]
      if !world.facts.leads.contains(request.leadID) {
        #expect(answers[place] == .unknownLead)
      } else if let earlier = served[request.leadID] {
        #expect(answers[place] == .sameAs(earlier))
      } else if let own, own.isLive(at: noon) {
        #expect(answers[place] == .held(own))
      } else {
        let previous = own?.providerNumberID ?? world.facts.previous[holder]
        let best = left.min { a, b in
          let (first, second) = (key(a, previous, request.near), key(b, previous, request.near))
          return first == second ? Rotation.order(a, b) : first < second
        }
        #expect(answers[place].claimed == best?.providerNumberID.text)
        left.removeAll { $0 == best }
        if best != nil { served[request.leadID] = place }
      }
    }
  }

  private func key(_ number: PooledNumber, _ previous: ProviderNumberID?, _ near: Near?) -> Int {
    if number.providerNumberID == previous { return -1 }
    return near?.rank(areaCode: number.number.areaCode, territories: number.territories).rawValue ?? 0
  }

  @Test("R18: steady rotation uses all numbers equally")
  func steady() {
    var numbers = (0..<5).map { number("n\($0)") }
    var uses: [String: Int] = [:]
    for round in 0..<1_003 {
      let now = noon + .minutes(round)
      let answer = LeaseDecision.decide([request(UInt64(round % 90) + 1)], facts: facts(numbers), now: now)[0]
      let index = numbers.firstIndex { $0.providerNumberID.text == answer.claimed }!
      numbers[index].assignedAt = now
      uses[answer.claimed!, default: 0] += 1
    }
    #expect(uses.count == 5 && uses.values.max()! - uses.values.min()! <= 1)
  }

  @Test func `stays quick with many numbers and wishes`() {
    let numbers = (0..<20_000).map {
      number("n\($0)", e164: "+1424555\(1_000 + $0 % 9_000)", usedAt: noon - .hours(20))
    }
    var many = facts(numbers)
    many.leads = Set((1...20_000).map { lead($0) })
    let requests = (1...20_000).map { request($0, near: $0 % 2 == 0 ? "424" : nil) }
    #expect(Set(decide(requests, many).map(\.claimed)).count == 20_000)
  }
}
