/// One fact that the pool keeps of a lead: a column of `lead_pool`, and where Apollo's record has it.
///
/// The table of fields is the one place that knows them: capture, import, search, templates and the API go by
/// it. The documented fields of Apollo's person and organisation are all here (`facts/providers/apollo.md`
/// §3, §3b); what a provider adds later stays in the record that is kept, and is counted.
public struct LeadField: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    case text
    /// Within 64 bits.
    case integer
    /// A double.
    case number
    case flag
    case date
    /// A list of texts.
    case texts
    /// Any JSON, kept as its text.
    case json
  }

  /// The place in `LeadField.all`, from 0: where `LeadFacts` keeps its value.
  public let ordinal: Int

  /// Two fields are the same when they stand at the same place.
  public static func == (a: LeadField, b: LeadField) -> Bool { a.ordinal == b.ordinal }
  public func hash(into hasher: inout Hasher) { hasher.combine(ordinal) }

  private var definition: Definition { Self.definitions[ordinal] }

  /// The column's name in `lead_pool`, and the field's name everywhere else.
  public var name: String { definition.name }
  public var kind: Kind { definition.kind }
  public var group: LeadFactGroup { definition.group }
  /// The keys that lead to it in Apollo's person object; nil for what Apollo does not say as such.
  public var apolloPath: [String]? { definition.apolloPath }

  /// What is written down of a field.
  struct Definition: Sendable {
    let name: String
    let kind: Kind
    let group: LeadFactGroup
    let apolloPath: [String]?

    init(_ name: String, _ kind: Kind, _ group: LeadFactGroup, apollo: String? = nil) {
      self.name = name
      self.kind = kind
      self.group = group
      apolloPath = apollo.map { $0.split(separator: ".").map(String.init) }
    }
  }

  private static let definitions = personDefinitions + companyDefinitions

  /// All fields, in the order of the columns.
  public static let all: [LeadField] = definitions.indices.map { LeadField(ordinal: $0) }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  private init(ordinal: Int) { self.ordinal = ordinal }

  /// The field with this name; nil when there is none.
  public init?(named name: String) {
    guard let field = Self.byName[name] else { return nil }
    self = field
  }

  private static func known(_ name: String) -> LeadField {
    guard let field = byName[name] else { preconditionFailure("no field \(name)") }
    return field
  }
}

extension LeadField: CustomStringConvertible {
  public var description: String { name }
}

/// The fields that rules speak of.
extension LeadField {
  public static let apolloID = known("apollo_id")
  public static let firstName = known("first_name")
  public static let lastName = known("last_name")
  public static let fullName = known("full_name")
  public static let title = known("title")
  public static let headline = known("linkedin_headline")
  public static let seniority = known("seniority")
  public static let departments = known("departments")
  /// When the person began in the present role: the start of the current employment.
  public static let roleStartedOn = known("role_started_on")
  public static let employmentHistory = known("employment_history")
  /// Folded (`EmailAddress.folded`); absent when the provider has only a placeholder.
  public static let email = known("email")
  public static let emailStatus = known("email_status")
  public static let emailConfidence = known("email_confidence")
  public static let emailIsCatchall = known("email_is_catchall")
  /// Of `email`, in ASCII and lower case.
  public static let emailDomain = known("email_domain")
  public static let personalEmails = known("personal_emails")
  /// The number to call first, E.164.
  public static let phone = known("phone")
  /// All numbers of the person, E.164, the one to call first in front.
  public static let phones = known("phones")
  public static let phoneNumbers = known("phone_numbers")
  /// As the provider writes it.
  public static let linkedInURL = known("linkedin_url")
  /// What of it identifies the person: `LinkedInKey`.
  public static let linkedInKey = known("linkedin_key")
  public static let city = known("city")
  public static let state = known("state")
  public static let country = known("country")
  /// An IANA name.
  public static let timeZone = known("time_zone")
  public static let companyName = known("company_name")
  /// In ASCII and lower case.
  public static let companyDomain = known("company_domain")
  public static let companyPhone = known("company_phone")
  public static let companySanitizedPhone = known("company_sanitized_phone")
  public static let companyIndustry = known("company_industry")
  public static let companyIndustries = known("company_industries")
  public static let companyKeywords = known("company_keywords")
  public static let companyTechnologies = known("company_technologies")
  public static let companyEmployees = known("company_employees")
  public static let companyCountry = known("company_country")
  public static let companyCity = known("company_city")
  public static let companyState = known("company_state")
  public static let companyRevenue = known("company_revenue")
  public static let companyFundedOn = known("company_funded_on")
  public static let companyIsHiring = known("company_is_hiring")
  /// A rank among web sites as search tools give it: higher is better known.
  public static let companyDomainRank = known("company_domain_rank")
  /// Visits a month from search.
  public static let companyOrganicTraffic = known("company_organic_traffic")
  /// Searches for which the web site is among the first ten answers.
  public static let companyTopTenKeywords = known("company_top_ten_keywords")
  /// 0 to 100.
  public static let companySpamScore = known("company_spam_score")
}
