import Domain
import Testing

@Suite struct `Assignment of resources` {
  static let velocity = ResourceCounts(emailDomains: 5, mailboxes: 10, phoneNumbers: 2, linkedInSeats: 7)

  func decide(
    _ wanted: ResourceCounts, _ pool: [ResourceKind: [Resource]], on shortage: ShortageRule = .refuse,
    owned: [Resource] = []
  ) -> ResourceAssignment {
    .decide(
      wanted, on: shortage, facts: SelectionFacts(candidates: pool, owned: owned), policy: .strict, now: noon)
  }

  @Test func `a client gets all that its tier gives`() throws {
    let answer = decide(Self.velocity, pool(domains: 9, numbers: 9, seats: 9))
    let ids = try #require(answer.ids)
    #expect(ids.count == 24 && Set(ids).count == 24)
    #expect(answer.shortage == nil)
    #expect(ids.prefix(5).map(\.low) == [1, 2, 3, 4, 5])
    #expect(Set(ids[5..<15].map { $0.low / 100 }) == [1, 2, 3, 4, 5])
  }

  @Test("R6: an interactive assignment is all or nothing and names the shortage per kind")
  func refused() {
    let answer = decide(Self.velocity, pool(domains: 3, numbers: 2, seats: 6))
    #expect(answer.ids == nil)
    #expect(answer.shortage?.kinds == [.emailDomain, .mailbox, .linkedInSeat])
    #expect(
      answer.shortage?.missing == ResourceCounts(emailDomains: 2, mailboxes: 4, linkedInSeats: 1))
    #expect(
      answer.shortage?.detail == "2 of 5 email domains missing, 4 of 10 mailboxes missing, "
        + "1 of 7 LinkedIn seats missing")
  }

  @Test("R6: after a payment the client gets what there is, and the rest becomes a backorder")
  func partial() {
    let answer = decide(Self.velocity, pool(domains: 3, numbers: 2, seats: 6), on: .backorder)
    #expect(answer.ids?.count == 17)
    #expect(answer.shortage?.missing == ResourceCounts(emailDomains: 2, mailboxes: 4, linkedInSeats: 1))
    #expect(decide(Self.velocity, [:], on: .backorder).ids == [])
    #expect(decide(Self.velocity, [:], on: .backorder).shortage?.missing == Self.velocity)
    #expect(decide(.zero, [:]) == .assign([], short: nil))
  }

  @Test("R4: what a client once had it can get again, what it has it does not get twice")
  func again() {
    let shared = resource(1, .phoneNumber, maxClients: 2, clients: 1)
    let wanted = ResourceCounts(phoneNumbers: 1)
    #expect(decide(wanted, [.phoneNumber: [shared]]).ids == [shared.id])
    #expect(decide(wanted, [.phoneNumber: [shared]], owned: [shared]).ids == nil)
  }
}

@Suite struct `Mailboxes and their domains` {
  func decide(
    _ wanted: ResourceCounts, _ pool: [Resource], owned: [Resource] = []
  ) -> ResourceAssignment {
    .decide(
      wanted, on: .backorder,
      facts: SelectionFacts(candidates: Dictionary(grouping: pool, by: \.kind), owned: owned),
      policy: .strict, now: noon)
  }

  @Test func `a mailbox comes only with a domain of the client`() {
    let pool = domainWithMailboxes(1, reputation: 1) + domainWithMailboxes(2, reputation: 9)
    let answer = decide(ResourceCounts(emailDomains: 1, mailboxes: 2), pool)
    #expect(answer.ids?.map(\.low) == [2, 201, 202])
    #expect(decide(ResourceCounts(mailboxes: 2), pool).ids == [])
  }

  @Test func `they are spread evenly, and no domain stands in for another`() {
    var pool = domainWithMailboxes(1) + domainWithMailboxes(2)
    pool.append(resource(103, .mailbox, on: 1, reputation: 99))
    let even = decide(ResourceCounts(emailDomains: 2, mailboxes: 4), pool)
    #expect(even.ids?.map(\.low) == [1, 2, 103, 201, 101, 202])
    let without = pool.filter { $0.domainID != resourceID(2) }
    let short = decide(ResourceCounts(emailDomains: 2, mailboxes: 4), without)
    #expect(short.ids?.map(\.low) == [1, 2, 103, 101])
    #expect(short.shortage?.missing == ResourceCounts(mailboxes: 2))
  }

  @Test func `missing ones come later on the domains that the client has`() {
    let owned = [
      resource(1, clients: 1), resource(101, .mailbox, on: 1, clients: 1), resource(2, clients: 1),
    ]
    let pool = [
      resource(102, .mailbox, on: 1), resource(201, .mailbox, on: 2), resource(202, .mailbox, on: 2),
      resource(301, .mailbox, on: 3),
    ]
    #expect(decide(ResourceCounts(mailboxes: 3), pool, owned: owned).ids?.map(\.low) == [201, 102, 202])
    #expect(decide(ResourceCounts(mailboxes: 1), pool, owned: owned).ids?.map(\.low) == [201])
  }

  @Test func `a mailbox of its own fault is passed over`() {
    let pool = [
      resource(1), resource(101, .mailbox, on: 1, status: .quarantined), resource(102, .mailbox, on: 1),
    ]
    let answer = decide(ResourceCounts(emailDomains: 1, mailboxes: 2), pool)
    #expect(answer.ids?.map(\.low) == [1, 102])
  }
}

@Suite struct Backorders {
  func backorder(
    _ number: UInt64, of client: UInt64, _ kind: ResourceKind, _ missing: Int, at time: Timestamp = noon
  ) -> Backorder {
    Backorder(
      id: ID(high: 5, low: number), clientID: ID(high: 1, low: client), kind: kind, missing: missing,
      createdAt: time)
  }

  func fill(_ backorders: [Backorder], _ candidates: [ResourceKind: [Resource]]) -> [Backorder.Fill] {
    Backorder.fill(backorders, candidates: candidates, owned: [:], now: noon)
  }

  @Test("R6: backorders are filled oldest first")
  func oldestFirst() {
    let waiting = [
      backorder(1, of: 1, .phoneNumber, 3, at: noon + .hours(1)), backorder(3, of: 3, .phoneNumber, 3),
      backorder(2, of: 2, .phoneNumber, 3),
    ]
    let fills = fill(waiting, pool(domains: 0, numbers: 5))
    #expect(fills.map(\.backorder.id.low) == [2, 3])
    #expect(fills.map(\.gets.count) == [3, 2])
    #expect(fills.map(\.backorder.missing) == [0, 1])
    #expect(Set(fills.flatMap { $0.gets.map(\.resource.id) }).count == 5)
  }

  @Test("R6: what the oldest cannot use goes to the next; mailboxes follow their domains")
  func kinds() {
    let waiting = [
      backorder(1, of: 1, .linkedInSeat, 2, at: noon - .days(1)),
      backorder(2, of: 2, .mailbox, 2), backorder(3, of: 2, .emailDomain, 1),
      backorder(4, of: 3, .emailDomain, 1, at: noon + .days(1)),
      backorder(5, of: 3, .mailbox, 2, at: noon + .days(1)),
    ]
    let fills = fill(waiting, pool(domains: 2))
    #expect(fills.map(\.backorder.id.low) == [3, 2, 4, 5])
    #expect(fills.map { $0.gets.map(\.resource.id.low) } == [[1], [101, 102], [2], [201, 202]])
    #expect(fills.allSatisfy { $0.backorder.missing == 0 })
  }

  @Test("R6: one domain of three does not get the mailboxes of all three")
  func share() {
    let many = (1...6).map { resource(100 + $0, .mailbox, on: 1) }
    let fills = fill(
      [backorder(1, of: 1, .emailDomain, 3), backorder(2, of: 1, .mailbox, 6)],
      [.emailDomain: [resource(1)], .mailbox: many])
    #expect(fills.map(\.gets.count) == [1, 2])
    #expect(fills.map(\.backorder.missing) == [2, 4])
  }

  @Test("R6: a client never gets the same shared resource twice")
  func shared() {
    let number = resource(1, .phoneNumber, maxClients: 3)
    let waiting = [
      backorder(1, of: 1, .phoneNumber, 1), backorder(2, of: 1, .phoneNumber, 1),
      backorder(3, of: 2, .phoneNumber, 1),
    ]
    let fills = fill(waiting, [.phoneNumber: [number]])
    #expect(fills.map(\.backorder.id.low) == [1, 3])
    #expect(fills.map { $0.gets[0].resource.currentClients } == [0, 1])
  }
}
