import Domain

/// What the index of the search knows of a field's values: a letter for their kind, as the SQL function
/// `lead_search` writes it. Two fields may share one: a lead that has the term is looked at to tell which.
enum LeadTerm {
  static func prefix(of field: LeadField) -> String? { prefixes[field] }

  /// The arguments of `lead_search`, of `lead_pool AS p`; the index has them in the same order.
  static let lexemes =
    "lead_search(p.first_name, p.last_name, p.title, p.linkedin_headline, p.company_name, p.seniority, "
    + "p.departments, p.city, p.state, p.country, p.email_domain, p.company_domain, p.company_industry, "
    + "p.company_industries, p.company_country, p.company_technologies)"

  /// The words alone, for looking into one lead after the other.
  static let words =
    "lead_words(p.first_name, p.last_name, p.title, p.linkedin_headline, p.company_name)"

  /// Longer values might have been cut in the index.
  static let longest = 100

  private static let prefixes: [LeadField: String] = [
    .seniority: "s:", .departments: "p:", .city: "l:", .state: "l:", .country: "l:", .emailDomain: "d:",
    .companyDomain: "d:", .companyIndustry: "i:", .companyIndustries: "i:", .companyCountry: "o:",
    .companyTechnologies: "t:",
  ]

  /// Fields by which a lead is known: `lead_identities` has their keys.
  static func identity(of field: LeadField) -> LeadIdentity.Kind? {
    switch field {
    case .apolloID: .apollo
    case .linkedInKey: .linkedin
    case .email: .email
    default: nil
    }
  }

  /// Fields whose whole values are words of the index: a lead with the value has the words.
  static let worded: Set<LeadField> = [.firstName, .lastName, .title, .headline, .companyName]
}
