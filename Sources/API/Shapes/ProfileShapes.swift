import Domain
import JSON

extension ClientProfile: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("client_id", clientID)
      object.field("version", version)
      object.field("industries", profile.industries)
      object.field("titles", profile.titles)
      object.field("excluded_titles", profile.excludedTitles)
      object.field("seniorities", profile.seniorities)
      object.field("employees_min", profile.employees?.lowerBound)
      object.field("employees_max", profile.employees?.upperBound)
      object.field("countries", profile.countries)
      object.field("states", profile.states)
      object.field("cities", profile.cities)
      object.field("technologies", profile.technologies)
      object.field("keywords", profile.keywords)
      object.field("excluded_domains", profile.excludedDomains.map(\.text))
      object.field("competitor_domains", profile.competitorDomains.map(\.text))
      object.object("weights") { object in
        for component in ScoreComponent.allCases {
          object.field(named: component.rawValue, profile.weights.factor(component))
        }
      }
      object.field("claims_companies", profile.claimsCompanies)
      object.field("daily_pace", profile.dailyPace)
      object.field("updated_at", updatedAt)
    }
  }
}

extension ScoreWeights {
  /// 1 is the usual weight.
  func factor(_ component: ScoreComponent) -> Double { Double(self[component]) / 100 }
}

extension IdealProfile {
  /// The body of `PUT /v1/clients/{client_id}/profile`: what is absent is what it is by default.
  init(_ object: JSONObjectReader) throws {
    self.init()
    let industries = object.optional("industries", .profileEntries, default: [])
    let titles = object.optional("titles", .profileTitles, default: [])
    let excludedTitles = object.optional("excluded_titles", .profileTitles, default: [])
    let seniorities = object.optional("seniorities", .profileEntries, default: [])
    let least = object.change("employees_min", .int(Self.sizes))
    let most = object.change("employees_max", .int(Self.sizes))
    let countries = object.optional("countries", .profileEntries, default: [])
    let states = object.optional("states", .profileEntries, default: [])
    let cities = object.optional("cities", .profileEntries, default: [])
    let technologies = object.optional("technologies", .profileEntries, default: [])
    let keywords = object.optional("keywords", .profileEntries, default: [])
    let excluded = object.optional("excluded_domains", .profileDomains, default: [])
    let competitors = object.optional("competitor_domains", .profileDomains, default: [])
    let weights = object.optional("weights", .scoreWeights, default: .usual)
    let claims = object.optional("claims_companies", .bool, default: false)
    let pace = object.nullable("daily_pace", .int(Self.paces))
    self.industries = try industries()
    self.titles = try titles()
    self.excludedTitles = try excludedTitles()
    self.seniorities = try seniorities()
    self.employees = Self.employees(try least(), try most(), object)
    self.countries = try countries()
    self.states = try states()
    self.cities = try cities()
    self.technologies = try technologies()
    self.keywords = try keywords()
    self.excludedDomains = try excluded()
    self.competitorDomains = try competitors()
    self.weights = try weights()
    self.claimsCompanies = try claims()
    self.dailyPace = try pace()
  }

  /// An end that is null is open; with both open any size will do.
  private static func employees(
    _ least: JSONChange<Int>, _ most: JSONChange<Int>, _ object: JSONObjectReader
  ) -> ClosedRange<Int>? {
    func end(_ change: JSONChange<Int>, _ fallback: Int) -> Int? {
      switch change {
      case .keep: fallback
      case .clear: nil
      case .set(let value): value
      }
    }
    let (low, high) = (end(least, defaultEmployees.lowerBound), end(most, defaultEmployees.upperBound))
    if low == nil && high == nil { return nil }
    let range = (low ?? sizes.lowerBound, high ?? sizes.upperBound)
    guard range.0 <= range.1 else {
      object.refuse("employees_max", "expected no less than employees_min")
      return nil
    }
    return range.0...range.1
  }
}

extension JSONShape where Value == [String] {
  /// Texts of one line; what differs in case and spaces only is there once.
  static var profileEntries: JSONShape {
    .array(of: .text(.line(1...IdealProfile.longestEntry)), 0...IdealProfile.mostEntries).map("entries") {
      all in
      var seen: Set<String> = []
      return all.filter { seen.insert(MatchText.folded($0)).inserted }
    }
  }

  /// The same, each with a letter or digit.
  static var profileTitles: JSONShape {
    profileEntries.map("texts with a letter or digit each") { all in
      all.allSatisfy { !MatchText.words($0).isEmpty } ? all : nil
    }
  }
}

extension JSONShape where Value == [DomainName] {
  static var profileDomains: JSONShape {
    .array(of: .text("a domain name") { DomainName($0) }, 0...IdealProfile.mostEntries).map("domain names") {
      Array(Set($0)).sorted()
    }
  }
}

extension JSONShape where Value == ScoreWeights {
  /// An object; each weight in steps of 0.01.
  static var scoreWeights: JSONShape {
    let names = ScoreComponent.allCases.map(\.rawValue).joined(separator: ", ")
    return JSONShape<JSONValue>.any.map("numbers from 0 to 10, one above 0, for some of \(names)") { value in
      guard let members = value.object else { return nil }
      var weights = ScoreWeights.usual
      for (name, value) in members {
        guard let component = ScoreComponent(rawValue: name), let factor = value.double, factor.isFinite,
          (0...10).contains(factor)
        else { return nil }
        weights[component] = Int((factor * 100).rounded())
      }
      return weights.isUsable ? weights : nil
    }
  }
}
