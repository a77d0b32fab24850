import Domain
import Testing

@Suite struct `A lead that two clients claim` {
  static let ada = ID<Client>(high: 1, low: 1)
  static let eve = ID<Client>(high: 2, low: 2)
  static func day(_ day: Int64) -> Timestamp { Timestamp(microseconds: day * 86_400_000_000) }

  static func claim(
    _ row: Int, _ client: ID<Client>, converted: Int64? = nil, contacted: Int64? = nil, contacts: Int = 0,
    assigned: Int64 = 100
  ) -> FormerClaim {
    FormerClaim(
      row: row, clientID: client, convertedAt: converted.map(day), lastContactedAt: contacted.map(day),
      contacts: contacts, assignedAt: day(assigned))
  }

  @Test(arguments: [
    // To whom it converted, however long ago.
    ([claim(1, ada, contacted: 50), claim(2, eve, converted: 10)], 2),
    // Of two that it converted to, the one in touch last.
    ([claim(1, ada, converted: 30, contacted: 30), claim(2, eve, converted: 10, contacted: 40)], 2),
    ([claim(1, ada, contacted: 30), claim(2, eve, contacted: 31)], 2),
    ([claim(1, ada), claim(2, eve, contacted: 1)], 2),
    // The one that had it first.
    ([claim(1, ada, assigned: 20), claim(2, eve, assigned: 10)], 2),
    ([claim(1, ada, contacted: 5, assigned: 20), claim(2, eve, contacted: 5, assigned: 10)], 2),
    // The smaller id, whatever the order of rows.
    ([claim(1, eve), claim(2, ada)], 2), ([claim(1, ada), claim(2, eve)], 1),
  ])
  func `stays with one of them by the rule`(claims: [FormerClaim], keeper: Int) {
    for order in [claims, claims.reversed()] {
      let decision = LeadClaimDecision(order, owner: nil)
      #expect(decision.outcomes[keeper] == .keeps)
      #expect(decision.outcomes[3 - keeper] == .loses)
      #expect(decision.assignment?.row == keeper)
    }
  }

  @Test func `stays with the owner that it has in the pool`() {
    let decision = LeadClaimDecision(
      [Self.claim(1, Self.ada, converted: 1), Self.claim(2, Self.eve)], owner: Self.eve)
    #expect(decision.assignment == nil)
    #expect(decision.outcomes == [1: .ownedBefore, 2: .sameClient])
  }

  @Test func `counts rows of one client as one`() {
    let decision = LeadClaimDecision(
      [
        Self.claim(1, Self.ada, contacted: 5, contacts: 2, assigned: 20),
        Self.claim(2, Self.ada, contacted: 9, contacts: 3, assigned: 10),
        Self.claim(3, Self.eve, contacted: 7),
      ], owner: nil)
    #expect(decision.outcomes == [1: .keeps, 2: .sameClient, 3: .loses])
    #expect(decision.assignment?.contacts == 5)
    #expect(decision.assignment?.assignedAt == Self.day(10))
    #expect(decision.assignment?.lastContactedAt == Self.day(9))
  }

  @Test func `is nobody's without a claim`() {
    #expect(LeadClaimDecision([], owner: nil).assignment == nil)
  }
}
