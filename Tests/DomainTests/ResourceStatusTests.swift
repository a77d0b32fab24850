import Domain
import Testing

@Suite struct `The life of a resource` {
  static let edges: [ResourceStatus: Set<ResourceStatus>] = [
    .available: [.assigned, .warming, .quarantined, .retired],
    .assigned: [.available, .held, .quarantined],
    .warming: [.available, .quarantined, .retired],
    .held: [.assigned, .available, .quarantined],
    .quarantined: [.available, .assigned, .held, .warming, .retired],
    .retired: [.quarantined],
  ]

  @Test(
    "has these edges and no other", arguments: ResourceStatus.allCases, ResourceStatus.allCases)
  func edge(from: ResourceStatus, to: ResourceStatus) throws {
    let isEdge = try #require(Self.edges[from]).contains(to)
    #expect(from.canBecome(to) == isEdge)
    #expect((from.obstacle(to: to) == nil) == isEdge)
    #expect((from.obstacle(to: to) == .already) == (from == to))
  }

  @Test(arguments: [
    (ResourceStatus.assigned, ResourceStatus.retired, StatusObstacle.releaseFirst),
    (.held, .retired, .releaseFirst), (.assigned, .warming, .releaseFirst), (.held, .warming, .releaseFirst),
    (.retired, .available, .reviewFirst), (.retired, .assigned, .reviewFirst),
    (.retired, .held, .reviewFirst), (.retired, .warming, .reviewFirst), (.warming, .assigned, .notWarmedUp),
    (.warming, .held, .notWarmedUp),
    (.available, .held, .hasFreePlace),
  ])
  func `says why not`(from: ResourceStatus, to: ResourceStatus, obstacle: StatusObstacle) {
    #expect(from.obstacle(to: to) == obstacle)
  }

  @Test func `depends on its places too`() {
    let shared = resource(1, maxClients: 2, clients: 1)
    #expect(shared.obstacle(to: .retired) == .releaseFirst)
    #expect(shared.obstacle(to: .warming) == .releaseFirst)
    #expect(shared.obstacle(to: .assigned) == .hasFreePlace)
    #expect(shared.obstacle(to: .quarantined) == nil)
    #expect(resource(1).obstacle(to: .retired) == nil)
    #expect(resource(1, clients: 1, status: .held).obstacle(to: .available) == .releaseFirst)
    #expect(resource(1, clients: 1, status: .quarantined).obstacle(to: .retired) == .releaseFirst)
    #expect(resource(1, status: .quarantined).obstacle(to: .held) == .hasFreePlace)
    #expect(resource(1, clients: 1, status: .quarantined).obstacle(to: .assigned) == nil)
  }

  @Test("R7: held is what all places of a resource are when each is on hold")
  func resting() {
    let table: [(most: Int, clients: Int, held: Int, status: ResourceStatus)] = [
      (1, 0, 0, .available), (1, 1, 0, .assigned), (1, 1, 1, .held), (2, 0, 0, .available),
      (2, 1, 0, .available), (2, 1, 1, .available), (2, 2, 0, .assigned), (2, 2, 1, .assigned),
      (2, 2, 2, .held),
    ]
    for row in table {
      #expect(
        ResourceStatus.resting(maxClients: row.most, currentClients: row.clients, heldClients: row.held)
          == row.status, "\(row)")
    }
  }

  @Test func `warm-up, quarantine and retirement outlast what happens to its places`() {
    for status in ResourceStatus.allCases {
      let settled = resource(1, clients: 1, status: status).settledStatus(heldClients: 1)
      #expect(settled == ([.warming, .quarantined, .retired].contains(status) ? status : .held))
    }
    #expect(resource(1, status: .held).settledStatus(heldClients: 0) == .available)
  }

  @Test func `a place taken changes the status with the last one`() {
    #expect(resource(1).takingPlace().status == .assigned)
    #expect(resource(1, maxClients: 2).takingPlace().status == .available)
    #expect(resource(1, maxClients: 2, clients: 1).takingPlace().status == .assigned)
  }
}

@Suite struct Quarantines {
  let evidence = "Spamhaus DBL: not listed, 2026-03-04"

  func review(
    _ resource: Resource, evidence: String? = nil, held: Int = 0, rewarming: Bool = false
  ) -> Requalification {
    .review(resource, evidence: evidence ?? self.evidence, heldClients: held, rewarming: rewarming)
  }

  @Test func `end with a review, in the status that the places give`() {
    #expect(review(resource(1, status: .quarantined)) == .qualified(.available))
    #expect(review(resource(1, clients: 1, status: .quarantined)) == .qualified(.assigned))
    #expect(review(resource(1, clients: 1, status: .quarantined), held: 1) == .qualified(.held))
    #expect(review(resource(1, status: .quarantined), rewarming: true) == .qualified(.warming))
    #expect(
      review(resource(1, clients: 1, status: .quarantined), rewarming: true) == .qualified(.assigned))
    #expect(
      review(resource(1, .phoneNumber, status: .quarantined), rewarming: true) == .qualified(.available))
  }

  @Test func `do not end without evidence, or against figures`() {
    #expect(review(resource(1)) == .refused([.notQuarantined]))
    #expect(review(resource(1, status: .quarantined), evidence: "") == .refused([.noEvidence]))
    let ill = resource(
      1, health: SendCounts(sent: 1_000, bounces: 100, complaints: 0),
      authentication: DomainAuthentication(spf: .pass, dkim: .fail, dmarc: .unknown))
    #expect(
      review(ill, evidence: " ")
        == .refused([.notQuarantined, .noEvidence, .critical, .authenticationFails]))
  }

  @Test func `have a reason and evidence`() {
    #expect(Quarantine(reason: .listed, evidence: "listed by Spamhaus DBL", since: noon) != nil)
    for wrong in ["", " x", "two\nlines", String(repeating: "x", count: 2_001)] {
      #expect(Quarantine(reason: .manual, evidence: wrong, since: noon) == nil)
    }
  }
}
