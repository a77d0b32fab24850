import Domain
import Testing

struct LeadAssigningTests {
  static let own = ID<Client>(high: 1, low: 1)
  static let other = ID<Client>(high: 1, low: 2)
  static let lead = ID<Lead>(high: 2, low: 1)
  static let survivor = ID<Lead>(high: 2, low: 2)

  static func claim(_ change: (inout AssignableLead) -> Void) -> AssignableLead {
    var claim = AssignableLead(id: lead, companyDomain: "acme.example")
    change(&claim)
    return claim
  }

  @Test(arguments: [
    (claim { _ in }, LeadVerdict.assigned),
    (claim { $0.owner = own }, .alreadyOwn),
    (claim { $0.owner = other }, .taken(by: other)),
    (claim { ($0.mergedInto, $0.owner) = (survivor, other) }, .merged(into: survivor)),
    (claim { ($0.isErased, $0.isSuppressedForAll) = (true, true) }, .erased),
    (claim { $0.isSuppressedForAll = true }, .suppressed(isGlobal: true)),
    (claim { $0.isSuppressedForClient = true }, .suppressed(isGlobal: false)),
    (claim { ($0.owner, $0.isSuppressedForAll) = (other, true) }, .taken(by: other)),
    (claim { $0.companyOwners = [.init(client: other, claims: true)] }, .companyTaken),
    (claim { $0.companyOwners = [.init(client: other, claims: false)] }, .assigned),
    (claim { $0.companyOwners = [.init(client: own, claims: true)] }, .assigned),
  ])
  func `a verdict follows from what stands against it, in a fixed order`(
    claim: AssignableLead, verdict: LeadVerdict
  ) {
    var deciding = LeadAssigning(client: Self.own, claimsCompanies: false, room: 1)
    #expect(deciding.decide(claim) == verdict)
  }

  @Test func `who claims companies gets none of which another has people`() {
    let claim = Self.claim { $0.companyOwners = [.init(client: Self.other, claims: false)] }
    var deciding = LeadAssigning(client: Self.own, claimsCompanies: true, room: nil)
    #expect(deciding.decide(claim) == .companyTaken)
  }

  @Test func `the quota goes down lead by lead, and only for those that are assigned`() {
    var deciding = LeadAssigning(client: Self.own, claimsCompanies: false, room: 1)
    #expect(deciding.decide(Self.claim { $0.owner = Self.other }) == .taken(by: Self.other))
    #expect(deciding.decide(Self.claim { _ in }) == .assigned)
    #expect(deciding.decide(Self.claim { _ in }) == .alreadyOwn, "named twice")
    #expect(deciding.decide(AssignableLead(id: Self.survivor)) == .overQuota)
    var boundless = LeadAssigning(client: Self.own, claimsCompanies: false, room: nil)
    #expect(boundless.decide(AssignableLead(id: Self.survivor)) == .assigned)
  }
}
