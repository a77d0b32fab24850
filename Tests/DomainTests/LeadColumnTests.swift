import Domain
import Testing

@Suite struct `Columns of leads` {
  @Test(arguments: [
    ("First Name", "first_name"), ("first_name", "first_name"), ("FIRSTNAME", "first_name"),
    ("E-Mail", "email"), ("Email Address", "email"), ("Primary Email", "email"), ("Title", "title"),
    ("Person Linkedin Url", "linkedin_url"), ("LinkedIn Profile", "linkedin_url"),
    ("# Employees", "company_employees"), ("Number of Employees", "company_employees"),
    ("Company Name for Emails", "company_name"), ("Company", "company_name"),
    ("Apollo Contact Id", "apollo_crm_contact_id"), ("Apollo Account Id", "apollo_crm_company_id"),
    ("Corporate Phone", "company_phone"), ("Mobile Phone", "phone"), ("Annual Revenue", "company_revenue"),
    ("SEO Description", "company_seo_description"), ("Last Raised At", "company_funded_on"),
    ("  state ", "state"), ("Company  State", "company_state"),
  ])
  func `are told by their headings`(heading: String, field: String) {
    #expect(LeadColumnGuess.field(heading)?.name == field)
  }

  @Test(arguments: ["Stage", "Lists", "Email Sent", "", "#", "Contact Owner", "Nickname"])
  func `that mean nothing here are not guessed`(heading: String) {
    #expect(LeadColumnGuess.field(heading) == nil)
  }

  @Test func `each field's own name is its heading`() {
    for field in LeadField.all { #expect(LeadColumnGuess.field(field.name) == field) }
  }

  static let apollo = [
    "First Name", "Last Name", "Title", "Company", "Company Name for Emails", "Email", "Email Status",
    "Primary Email Source", "Email Confidence", "Seniority", "Departments", "Contact Owner",
    "Work Direct Phone", "Home Phone", "Mobile Phone", "Corporate Phone", "Stage", "# Employees", "Industry",
    "Keywords", "Person Linkedin Url", "Website", "Company Linkedin Url", "Facebook Url", "Twitter Url",
    "City", "State", "Country", "Company Address", "Company City", "Company State", "Company Country",
    "Company Phone", "SEO Description", "Technologies", "Annual Revenue", "Total Funding", "Latest Funding",
    "Latest Funding Amount", "Last Raised At", "Email Sent", "Replied", "Apollo Contact Id",
    "Apollo Account Id",
  ]

  @Test func `of Apollo's export are all read or told`() throws {
    let mapping = try LeadColumnMapping(headings: Self.apollo)
    #expect(
      mapping.unknown == [
        "Company Name for Emails", "Primary Email Source", "Contact Owner", "Work Direct Phone",
        "Home Phone", "Stage", "Company Phone", "Latest Funding Amount", "Email Sent", "Replied",
      ])
    let meanings = Dictionary(uniqueKeysWithValues: zip(mapping.headings, mapping.meanings))
    #expect(meanings["Facebook Url"]?.field?.name == "company_facebook_url")
    #expect(meanings["Mobile Phone"]?.field == .phone)
    #expect(meanings["Company"]?.field == .companyName)
  }

  func mapping(_ headings: String..., wishes: (String, String)...) throws -> [String] {
    try LeadColumnMapping(headings: headings, wishes: wishes.map { (column: $0.0, field: $0.1) }).meanings.map
    {
      switch $0 {
      case .field(let field): field.name
      case .unknown: "?"
      case .ignored: "-"
      case .special: "!"
      }
    }
  }

  @Test func `can be mapped, ignored, and left to the guess`() throws {
    #expect(
      try mapping("Mail", "Boss", "X", wishes: ("Boss", "title"), ("X", "")) == ["email", "title", "-"])
    // A wish for a field takes it from the column that was guessed.
    #expect(try mapping("Email", "Other", wishes: ("Other", "email")) == ["?", "email"])
    #expect(try mapping("Work E-Mail", "Y", wishes: ("work_email", "email")) == ["email", "?"])
  }

  @Test func `that mean one field are an error that names both`() {
    let both = LeadColumnMapping.Fault.ambiguous(.email, "Email", "E-mail address")
    #expect(throws: both) { try mapping("Email", "E-mail address", "Name") }
    #expect(both.description.contains("'Email'") && both.description.contains("'E-mail address'"))
    #expect(throws: LeadColumnMapping.Fault.ambiguous(.email, "A", "B")) {
      try mapping("A", "B", wishes: ("A", "email"), ("B", "email"))
    }
  }

  @Test func `that are not there cannot be mapped`() {
    #expect(throws: LeadColumnMapping.Fault.noColumn("Mial")) {
      try mapping("Mail", wishes: ("Mial", "email"))
    }
    #expect(throws: LeadColumnMapping.Fault.noField("emial")) {
      try mapping("Mail", wishes: ("Mail", "emial"))
    }
    #expect(throws: LeadColumnMapping.Fault.sameName("A")) { try mapping("A", "A", wishes: ("A", "email")) }
    #expect(throws: LeadColumnMapping.Fault.nothing) { try mapping("Stage", "Lists") }
  }

  @Test func `that something else reads are no facts`() throws {
    let mapping = try LeadColumnMapping(headings: ["Email", "Company"], special: ["Company"])
    #expect(mapping.meanings == [.field(.email), .special])
  }
}

@Suite struct `Undoing an import` {
  struct Reason: Sendable {
    let outcome: LeadUndoOutcome
    let set: @Sendable (inout MadeLead) -> Void
  }

  @Test(arguments: [
    Reason(outcome: .keptErased) { $0.isErased = true }, Reason(outcome: .keptMerged) { $0.isMerged = true },
    Reason(outcome: .keptAssigned) { $0.wasAssigned = true },
    Reason(outcome: .keptShared) { $0.isInOtherImport = true },
    Reason(outcome: .keptChanged) { $0.hasChangedSince = true },
  ])
  func `keeps a lead that anybody has to do with`(reason: Reason) {
    var lead = MadeLead(id: ID(high: 1, low: 1))
    #expect(lead.outcome == .deleted && !lead.outcome.isKept)
    reason.set(&lead)
    #expect(lead.outcome == reason.outcome && lead.outcome.isKept)
  }
}
