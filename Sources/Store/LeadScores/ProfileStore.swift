import Domain
import Postgres

/// What clients want of leads.
public enum ProfileStore {
  private static let columns = """
    f.version, f.industries, f.titles, f.excluded_titles, f.seniorities, f.employees_min, f.employees_max,
    f.countries, f.states, f.cities, f.technologies, f.keywords, f.excluded_domains, f.competitor_domains,
    f.weights, f.claims_companies, f.daily_pace, f.updated_at
    """

  /// For a client that said nothing what it is by default, with version 0; nil when there is no such client.
  public static func find(
    _ client: ID<Client>, in transaction: inout Transaction
  ) throws -> ClientProfile? {
    try transaction.query(
      """
      SELECT c.id, \(unescaped: columns)
      FROM clients c LEFT JOIN client_profiles f ON f.client_id = c.id WHERE c.id = \(client)
      """
    ).first.map(profile(_:))
  }

  /// Those of several clients, as `find`.
  public static func find(
    _ clients: [ID<Client>], in transaction: inout Transaction
  ) throws -> [ID<Client>: ClientProfile] {
    let found = try transaction.query(
      """
      SELECT c.id, \(unescaped: columns)
      FROM clients c LEFT JOIN client_profiles f ON f.client_id = c.id WHERE c.id = ANY (\(clients))
      """
    ).map(profile(_:))
    return Dictionary(uniqueKeysWithValues: found.map { ($0.clientID, $0) })
  }

  /// Clients that said what they want and pay for something, in the order of their ids.
  public static func wanting(in transaction: inout Transaction) throws -> [ID<Client>] {
    try transaction.query(
      """
      SELECT f.client_id FROM client_profiles f JOIN subscriptions s ON s.client_id = f.client_id
      WHERE s.state = 'active' ORDER BY f.client_id
      """
    ).map { try $0.decode(at: 0) }
  }

  public static func save(_ changed: ClientProfile, now: Timestamp, in transaction: inout Transaction) {
    let wants = changed.profile
    transaction.enqueue(
      """
      INSERT INTO client_profiles (client_id, version, industries, titles, excluded_titles, seniorities,
        employees_min, employees_max, countries, states, cities, technologies, keywords, excluded_domains,
        competitor_domains, weights, claims_companies, daily_pace, updated_at)
      VALUES (\(changed.clientID), \(Int32(clamping: changed.version)), \(wants.industries), \(wants.titles),
        \(wants.excludedTitles), \(wants.seniorities), \(wants.employees?.lowerBound),
        \(wants.employees?.upperBound), \(wants.countries), \(wants.states), \(wants.cities),
        \(wants.technologies), \(wants.keywords), \(wants.excludedDomains.map(\.text)),
        \(wants.competitorDomains.map(\.text)),
        \(ScoreComponent.allCases.map { Int32(wants.weights[$0]) }), \(wants.claimsCompanies),
        \(wants.dailyPace.map { Int32(clamping: $0) }), \(now))
      ON CONFLICT ON CONSTRAINT client_profiles_pkey DO UPDATE
      SET version = EXCLUDED.version, industries = EXCLUDED.industries, titles = EXCLUDED.titles,
        excluded_titles = EXCLUDED.excluded_titles, seniorities = EXCLUDED.seniorities,
        employees_min = EXCLUDED.employees_min, employees_max = EXCLUDED.employees_max,
        countries = EXCLUDED.countries, states = EXCLUDED.states, cities = EXCLUDED.cities,
        technologies = EXCLUDED.technologies, keywords = EXCLUDED.keywords,
        excluded_domains = EXCLUDED.excluded_domains, competitor_domains = EXCLUDED.competitor_domains,
        weights = EXCLUDED.weights, claims_companies = EXCLUDED.claims_companies,
        daily_pace = EXCLUDED.daily_pace, updated_at = EXCLUDED.updated_at
      """, expecting: 1)
  }

  private static func profile(_ row: Row) throws -> ClientProfile {
    let client: ID<Client> = try row.decode("id")
    guard let version: Int32 = try row.decode("version") else {
      return ClientProfile(clientID: client, profile: IdealProfile(), version: 0, updatedAt: nil)
    }
    var wants = IdealProfile()
    wants.industries = try row.decode("industries")
    wants.titles = try row.decode("titles")
    wants.excludedTitles = try row.decode("excluded_titles")
    wants.seniorities = try row.decode("seniorities")
    let (least, most): (Int?, Int?) = (try row.decode("employees_min"), try row.decode("employees_max"))
    wants.employees = if let least, let most, least <= most { least...most } else { nil }
    wants.countries = try row.decode("countries")
    wants.states = try row.decode("states")
    wants.cities = try row.decode("cities")
    wants.technologies = try row.decode("technologies")
    wants.keywords = try row.decode("keywords")
    wants.excludedDomains = try row.decode("excluded_domains", as: [String].self).map {
      DomainName(unchecked: $0)
    }
    wants.competitorDomains = try row.decode("competitor_domains", as: [String].self).map {
      DomainName(unchecked: $0)
    }
    let weights: [Int32] = try row.decode("weights")
    for (component, weight) in zip(ScoreComponent.allCases, weights) {
      wants.weights[component] = Int(weight)
    }
    wants.claimsCompanies = try row.decode("claims_companies")
    wants.dailyPace = try row.decode("daily_pace", as: Int32?.self).map { Int($0) }
    return ClientProfile(
      clientID: client, profile: wants, version: Int(version), updatedAt: try row.decode("updated_at"))
  }
}
