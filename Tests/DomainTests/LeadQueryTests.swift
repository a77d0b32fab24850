import Domain
import Testing

struct LeadQueryTests {
  @Test func `a condition is of a kind that the field takes`() {
    func fits(_ field: LeadField, _ test: LeadCondition.Test) -> Bool { LeadCondition(field, test) != nil }
    #expect(fits(.seniority, .anyOf([.text("vp")])))
    #expect(!fits(.seniority, .anyOf([])))
    #expect(!fits(.seniority, .anyOf([.integer(7)])))
    #expect(!fits(.seniority, .anyOf(.init(repeating: .text("a"), count: 101))))
    #expect(!fits(.seniority, .allOf(["vp"])))
    #expect(!fits(.seniority, .between(.text("a"), nil)))
    #expect(fits(.companyEmployees, .between(.integer(5), .integer(50))))
    #expect(!fits(.companyEmployees, .between(nil, nil)))
    #expect(!fits(.companyEmployees, .contains("5")))
    #expect(fits(.companyTechnologies, .allOf(["salesforce"])))
    #expect(fits(.companyTechnologies, .noneOf([.text("salesforce")])))
    #expect(!fits(.companyTechnologies, .contains("sales")))
    #expect(fits(.companyIsHiring, .anyOf([.flag(true)])))
    #expect(!fits(.companyIsHiring, .anyOf([.text("yes")])))
    #expect(fits(.employmentHistory, .known(true)))
    #expect(!fits(.employmentHistory, .anyOf([.json("[]")])))
    #expect(fits(.roleStartedOn, .between(CivilDate("2026-01-31").map { .date($0) }, nil)))
  }

  @Test(
    arguments: [
      (
        "seniority=vp,director", LeadField.seniority,
        LeadCondition.Test.anyOf([.text("vp"), .text("director")])
      ),
      ("seniority = vp", .seniority, nil), ("seniority!=intern", .seniority, .noneOf([.text("intern")])),
      ("company_employees>=5", .companyEmployees, .between(.integer(5), nil)),
      ("company_employees<=50", .companyEmployees, .between(nil, .integer(50))),
      ("company_employees=7", .companyEmployees, .anyOf([.integer(7)])),
      ("company_employees>=many", .companyEmployees, nil),
      (
        "company_revenue>=1.5e6", .companyRevenue,
        .between(.number(1_500_000), nil)
      ),
      ("title~sales", .title, .contains("sales")), ("title^Chief", .title, .beginsWith("Chief")),
      ("company_technologies*=a,b", .companyTechnologies, .allOf(["a", "b"])),
      ("email?", .email, .known(true)), ("email!?", .email, .known(false)), ("email?x", .email, nil),
      ("company_is_hiring=yes", .companyIsHiring, .anyOf([.flag(true)])),
      ("company_is_hiring=maybe", .companyIsHiring, nil),
      ("role_started_on>=2026-02-30", .roleStartedOn, nil), ("title", .title, nil), ("title=", .title, nil),
      ("employment_history=x", .employmentHistory, nil),
    ] as [(String, LeadField, LeadCondition.Test?)])
  func `a condition that is typed is read, or refused`(
    text: String, field: LeadField, test: LeadCondition.Test?
  ) {
    #expect((try? LeadCondition(parsing: text)) == test.flatMap { LeadCondition(field, $0) })
  }

  @Test func `an unknown field is told with the name that is near`() {
    #expect(throws: LeadCondition.Fault("there is no such field; did you mean seniority?")) {
      try LeadCondition(parsing: "senority=vp")
    }
    #expect(throws: LeadCondition.Fault("there is no such field")) { try LeadCondition(parsing: "xyzzyx=vp") }
    #expect(throws: LeadCondition.Fault.self) { try LeadCondition(parsing: "=vp") }
  }

  @Test(arguments: [
    ("vp sales", true), ("7", true), ("Ö", true), ("", false), ("…", false), ("a\nb", false),
    (String(repeating: "a", count: 200), true), (String(repeating: "a", count: 201), false),
  ])
  func `words have a letter or digit`(text: String, isText: Bool) {
    #expect(LeadQuery.isText(text) == isText)
  }

  @Test func `whoever sees one client's leads searches among them`() {
    let (own, other) = (ID<Client>(high: 1, low: 1), ID<Client>(high: 2, low: 2))
    #expect(LeadQuery().limited(to: nil) == LeadQuery())
    #expect(LeadQuery().limited(to: own)?.clientID == own)
    #expect(LeadQuery(clientID: own).limited(to: own)?.clientID == own)
    #expect(LeadQuery(clientID: other).limited(to: own) == nil)
    #expect(LeadQuery(isAssigned: false).limited(to: own) == nil)
    #expect(LeadQuery(isAssigned: true).limited(to: own)?.clientID == own)
  }

  @Test(
    arguments: [
      // Without an index; rare; common; everything; words of many; fewer than a page on a walk.
      (nil, 2_000_000, 50, false, [LeadSearchPlan.Step.walk(most: 20_000)]),
      (40, 2_000_000, 50, false, [.gather(most: 40_000), .walk(most: 20_000)]),
      (200_000, 2_000_000, 50, false, [.walk(most: 20_000), .gather(most: 40_000)]),
      (2_000_000, 2_000_000, 50, true, [.walk(most: 5_000), .gather(most: 40_000)]),
      (20_000, 2_000_000, 50, true, [.gather(most: 40_000), .walk(most: 5_000)]),
      (20_000, 2_000_000, 50, false, [.walk(most: 20_000), .gather(most: 40_000)]),
      (0, 0, 0, false, [.gather(most: 40_000), .walk(most: 20_000)]),
    ] as [(Int?, Int, Int, Bool, [LeadSearchPlan.Step])])
  func `what is rare is gathered, what is common is met on the way`(
    found: Int?, total: Int, limit: Int, hasText: Bool, steps: [LeadSearchPlan.Step]
  ) {
    #expect(LeadSearchPlan(found: found, total: total, limit: limit, hasText: hasText).steps == steps)
  }
}
