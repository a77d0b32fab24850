import Domain
import Testing

@Suite struct Assignabilities {
  func assignability(
    _ resource: Resource, on domain: Resource? = nil, policy: WarmupPolicy = .strict
  ) -> Assignability {
    Assignability(of: resource, domain: domain, policy: policy, now: noon)
  }

  @Test func `of a free and warmed domain: every check passes, in a fixed order`() {
    let free = assignability(resource(1))
    #expect(free.isAssignable && free.isWarmed && free.countsAsBuffer)
    #expect(free.sendsFrom == noon)
    #expect(free.checks.map(\.name) == Assignability.Name.allCases)
    #expect(free.checks.map(\.isPassed).contains(false) == false)
  }

  @Test(arguments: [
    (resource(1, status: .retired), [Assignability.Name.inService]),
    (resource(1, status: .quarantined), [.notQuarantined]),
    (resource(1, clients: 1, status: .held), [.notHeld, .hasFreePlace]),
    (resource(1, status: .warming), [.notWarming]),
    (resource(1, clients: 1), [.hasFreePlace]),
    (resource(1, health: SendCounts(sent: 100, bounces: 20, complaints: 0)), [.healthy]),
    (resource(1, health: SendCounts(sent: 10, bounces: 1, complaints: 0)), []),
    (resource(1, health: SendCounts(sent: 1_000, bounces: 40, complaints: 0)), []),
    (
      resource(1, authentication: DomainAuthentication(spf: .fail, dkim: .fail, dmarc: .fail)),
      [.spf, .dkim, .dmarc]
    ),
    (resource(1, authentication: DomainAuthentication(spf: .pass, dkim: .unknown, dmarc: .pass)), []),
    (resource(1, maxClients: 2, clients: 1), []),
    (resource(1, .phoneNumber, warmup: Warmup()), []),
    (
      resource(
        1, clients: 1, status: .quarantined, health: SendCounts(sent: 100, bounces: 50, complaints: 9),
        authentication: DomainAuthentication(spf: .pass, dkim: .fail, dmarc: .unknown)),
      [.notQuarantined, .hasFreePlace, .healthy, .dkim]
    ),
  ])
  func `lists all that stands against it`(resource: Resource, obstacles: [Assignability.Name]) {
    let answer = assignability(resource)
    #expect(answer.obstacles == obstacles)
    #expect(answer.isAssignable == obstacles.isEmpty)
  }

  @Test func `says when time may change it`() {
    let held = assignability(resource(1, clients: 1, status: .held, heldUntil: noon + .days(9)))
    #expect(held.checks.filter { !$0.isPassed }.map(\.mayPassAt) == [noon + .days(9), noon + .days(9)])
    let warming = assignability(
      resource(1, status: .warming, warmup: Warmup(startedAt: noon - .days(20))))
    #expect(warming.checks.first { $0.name == .notWarming }?.mayPassAt == noon + .days(1))
  }

  @Test("R5: one that was never warmed says from when it can send")
  func neverWarmed() {
    let new = resource(1, warmup: Warmup())
    #expect(assignability(new).isAssignable && !assignability(new).isWarmed)
    #expect(!assignability(new).countsAsBuffer)
    #expect(assignability(new).sendsFrom == noon + .days(21))
    #expect(assignability(new, policy: .ramp).sendsFrom == noon)
    let begun = resource(1, warmup: Warmup(startedAt: noon - .days(5)))
    #expect(assignability(begun).sendsFrom == noon + .days(16))
    let late = resource(1, warmup: Warmup(startedAt: noon - .days(50)))
    #expect(assignability(late).sendsFrom == noon)
    #expect(assignability(resource(1, .linkedInSeat, warmup: Warmup())).countsAsBuffer)
  }

  @Test func `of a mailbox depends on its domain`() {
    let mailbox = resource(101, .mailbox, on: 1, warmup: Warmup())
    #expect(assignability(mailbox, on: resource(1)).countsAsBuffer)
    #expect(assignability(mailbox, on: resource(1, clients: 1)).isAssignable)
    #expect(assignability(mailbox).obstacles == [.domainUsable])
    #expect(assignability(mailbox, on: resource(2)).obstacles == [.domainUsable])
    #expect(assignability(mailbox, on: resource(1, status: .quarantined)).obstacles == [.domainUsable])
    let young = assignability(mailbox, on: resource(1, warmup: Warmup()))
    #expect(young.isAssignable && !young.isWarmed && young.sendsFrom == noon + .days(21))
  }

  @Test func `every obstacle has words`() {
    #expect(Set(Assignability.Name.allCases.map(\.failure)).count == Assignability.Name.allCases.count)
  }
}
