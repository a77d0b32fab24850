/// Which field a column of a table means, told by its heading. Case, spaces and punctuation do not count:
/// `First Name`, `first_name` and `FIRSTNAME` are the same.
public enum LeadColumnGuess {
  /// The field of `LeadField.all` that the heading means; nil when none is told by it.
  ///
  /// - Parameter headings: those beside it.
  public static func field(_ heading: String, among headings: [String] = []) -> LeadField? {
    let key = key(heading)
    if let name = besideAPersonsProfile[key],
      headings.contains(where: { Self.key($0) == "personlinkedinurl" })
    {
      return LeadField(named: name)
    }
    return fields[key]
  }

  /// A heading by which it is compared: letters and digits only, in lower case; `#` is a number of.
  public static func key(_ heading: String) -> String {
    let text = heading.lowercased().replacing("#", with: "number ")
    return String(
      text.unicodeScalars.filter { $0.properties.isAlphabetic || ("0"..."9").contains($0) }.map {
        Character($0)
      })
  }

  private static let fields: [String: LeadField] = {
    var fields: [String: LeadField] = [:]
    for field in LeadField.all { fields[key(field.name)] = field }
    for (name, headings) in synonyms {
      guard let field = LeadField(named: name) else { preconditionFailure("no field \(name)") }
      for heading in headings {
        let known = fields.updateValue(field, forKey: key(heading))
        precondition(known == nil || known == field, "\(heading) means two fields")
      }
    }
    return fields
  }()

  /// What Apollo's export and others call the fields, besides the fields' own names.
  static let synonyms: [(field: String, headings: [String])] = [
    ("apollo_id", ["Apollo Person Id", "Person Id"]),
    ("first_name", ["Given Name", "Forename", "First"]),
    ("last_name", ["Surname", "Family Name", "Last"]),
    ("full_name", ["Name", "Contact Name", "Contact Full Name", "Lead Name", "Person Name"]),
    ("title", ["Job Title", "Position", "Role", "Contact Title"]),
    ("linkedin_headline", ["Headline"]),
    ("seniority", ["Seniority Level"]),
    ("departments", ["Department"]),
    ("subdepartments", ["Sub Departments", "Sub Department"]),
    (
      "email",
      [
        "E-mail", "Email Address", "E-mail Address", "Mail", "Work Email", "Business Email", "Primary Email",
        "Contact Email",
      ]
    ),
    ("email_status", ["Email Verification", "Email Verification Status"]),
    ("email_confidence", ["Email Confidence Score"]),
    ("personal_emails", ["Personal Email", "Secondary Email", "Other Emails"]),
    (
      "phone",
      [
        "Mobile Phone", "Mobile", "Phone Number", "Cell", "Cell Phone", "Telephone", "Work Direct Phone",
        "Direct Phone", "Contact Phone",
      ]
    ),
    (
      "linkedin_url",
      [
        "Person Linkedin Url", "LinkedIn", "LinkedIn Profile", "LinkedIn Profile Url", "Contact LinkedIn",
        "LinkedIn Link",
      ]
    ),
    ("twitter_url", ["Person Twitter Url"]),
    ("github_url", ["Person Github Url"]),
    ("facebook_url", ["Person Facebook Url"]),
    ("street_address", ["Street", "Address"]),
    ("city", ["Person City", "Town", "Contact City"]),
    ("state", ["Person State", "Region", "Province", "Contact State"]),
    ("country", ["Person Country", "Contact Country"]),
    ("postal_code", ["Zip", "Zip Code", "Postcode"]),
    ("apollo_crm_contact_id", ["Apollo Contact Id"]),
    ("apollo_crm_company_id", ["Apollo Account Id"]),
    ("apollo_organization_id", ["Organization Id"]),
    (
      "company_name",
      [
        "Company", "Organization", "Organisation", "Employer", "Organization Name", "Account Name",
        "Company Name for Emails",
      ]
    ),
    ("company_domain", ["Domain", "Organization Domain", "Company Website Domain"]),
    ("company_website_url", ["Website", "Company Website", "Website Url"]),
    ("company_linkedin_url", ["Company Linkedin", "Organization Linkedin Url"]),
    ("company_facebook_url", ["Company Facebook"]),
    ("company_twitter_url", ["Company Twitter"]),
    ("company_phone", ["Corporate Phone", "Company Phone Number", "Office Phone"]),
    (
      "company_employees",
      ["# Employees", "Employees", "Number of Employees", "Employee Count", "Headcount", "Num Employees"]
    ),
    ("company_industry", ["Industry"]),
    ("company_keywords", ["Keywords"]),
    ("company_technologies", ["Technologies"]),
    ("company_description", ["Short Description"]),
    ("company_seo_description", ["SEO Description"]),
    ("company_raw_address", ["Company Address"]),
    ("company_street_address", ["Company Street"]),
    ("company_postal_code", ["Company Zip"]),
    ("company_founded_year", ["Founded Year", "Founded"]),
    ("company_revenue", ["Annual Revenue", "Revenue"]),
    ("company_total_funding", ["Total Funding"]),
    ("company_funding_stage", ["Latest Funding", "Latest Funding Stage"]),
    ("company_funded_on", ["Last Raised At", "Latest Funding Date"]),
    ("company_sic_codes", ["SIC Codes"]),
    ("company_naics_codes", ["NAICS Codes"]),
    ("company_retail_locations", ["Number of Retail Locations"]),
  ]

  /// Headings that mean one field and stand side by side in usual exports: the first that is there is taken.
  static let preferences: [[String]] = [
    ["Company", "Company Name", "Company Name for Emails"],
    ["Mobile Phone", "Work Direct Phone"],
    ["Corporate Phone", "Company Phone"],
    ["Email", "Primary Email"],
  ]

  /// Apollo's export has the person's profile as "Person Linkedin Url"; the other links are the company's.
  static let besideAPersonsProfile = [
    "facebookurl": "company_facebook_url", "twitterurl": "company_twitter_url",
  ]
}
