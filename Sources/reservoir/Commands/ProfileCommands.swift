import API
import Domain
import Engine
import Terminal

extension ReservoirProgram {
  var profile: Command {
    Command("profile", "What clients want of leads.", subcommands: [showProfile, setProfile])
  }

  private var showProfile: Command {
    command(
      "show", "Shows what a client wants of leads, and how it values them.",
      positionals: [.required("client", "A name or an id.")],
      examples: [Example("reservoir profile show 'Acme'", "Acme's ideal profile.")]
    ) { context in
      try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        guard let found = try await services.profiles.find(client.id) else {
          throw CommandFailure("there is no such client")
        }
        context.print(Self.text(found)) { $0.value(found) }
        return .success
      }
    }
  }

  private static let lists:
    [(name: String, help: String, path: any WritableKeyPath<IdealProfile, [String]> & Sendable)] = [
      ("industries", "Industries as the pool has them; any of them.", \.industries),
      ("titles", "Words of which one must stand in the title, such as 'head of sales'.", \.titles),
      ("excluded-titles", "Words of which none may.", \.excludedTitles),
      ("seniorities", "owner, founder, c_suite, vp, director and the like.", \.seniorities),
      ("countries", "Of the company, else of the person.", \.countries),
      ("states", "Of the company or the person.", \.states),
      ("cities", "Of the company or the person.", \.cities),
      ("technologies", "What the company uses.", \.technologies),
      ("keywords", "What the company is about.", \.keywords),
    ]

  private var setProfile: Command {
    command(
      "set", "Says what a client wants of leads. What is not given stays.",
      discussion: """
        Lists have commas between their entries; an empty one ('') asks for nothing. What is
        asked for, a lead must be known to have. Scores of the client's leads are computed anew
        in the background; 'reservoir leads rescore' does it now.
        """,
      options: Self.lists.map { .value($0.name, "A,B", $0.help) } + [
        .value("employees", "MIN-MAX", "The company's size, such as 5-50; any, for any."),
        .value("excluded-domains", "A,B", "Companies whose people the allocator never gives."),
        .value("competitor-domains", "A,B", "Companies that compete: a risk in the score."),
        .values(
          "weight", "COMPONENT=N",
          "0 to 10, 1 by default, for data_quality, authority, company_fit, timing or risk."),
        .value("claims-companies", "yes|no", "Whether a company whose people it has is its alone."),
        .value("daily-pace", "N", "Leads on a working day in place of what the quota gives; none, for that."),
      ],
      positionals: [.required("client", "A name or an id.")],
      examples: [
        Example(
          "reservoir profile set 'Acme' --industries 'computer software' --titles 'head of sales,cro' "
            + "--countries Australia --employees 10-200", "Whom Acme wants."),
        Example(
          "reservoir profile set 'Acme' --weight authority=1.5 --claims-companies yes", "How it values."),
      ]
    ) { context in
      let change = try context.profileChange()
      return try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        guard var wanted = try await services.profiles.find(client.id)?.profile else {
          throw CommandFailure("there is no such client")
        }
        change(&wanted)
        guard wanted.weights.isUsable else { throw CommandFailure("one weight at least is above 0") }
        guard
          let saved = try await services.profiles.save(wanted, for: client.id, actor: .commandLine)
        else { throw CommandFailure("there is no such client") }
        context.print(Self.text(saved)) { $0.value(saved) }
        return .success
      }
    }
  }

  fileprivate static func text(_ kept: ClientProfile) -> String {
    let wants = kept.profile
    var lines = lists.compactMap { list -> String? in
      let entries = wants[keyPath: list.path]
      return entries.isEmpty ? nil : "\(list.name): \(entries.map { visible($0) }.joined(separator: ", "))"
    }
    lines.append("employees: " + (wants.employees.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "any"))
    for (name, domains) in [
      ("excluded-domains", wants.excludedDomains), ("competitor-domains", wants.competitorDomains),
    ] where !domains.isEmpty {
      lines.append("\(name): \(domains.map(\.text).joined(separator: ", "))")
    }
    for component in ScoreComponent.allCases where wants.weights[component] != 100 {
      lines.append("weight: \(component.rawValue)=\(Double(wants.weights[component]) / 100)")
    }
    if wants.claimsCompanies { lines.append("claims-companies: yes") }
    if let pace = wants.dailyPace { lines.append("daily-pace: \(pace)") }
    lines.append("version: \(kept.version)")
    return lines.joined(separator: "\n")
  }

  /// A change of each list that is given.
  fileprivate static func listChanges(
    _ context: CommandContext
  ) throws -> [@Sendable (inout IdealProfile) -> Void] {
    try lists.compactMap { list in
      guard let text = context.invocation.optional(list.name) else { return nil }
      let entries = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
      guard entries.count <= IdealProfile.mostEntries,
        entries.allSatisfy({ $0.isPlainLine(1...IdealProfile.longestEntry) })
      else { throw context.usage("--\(list.name): expected at most 500 entries of 1 to 200 characters") }
      if list.name.hasSuffix("titles"), entries.contains(where: { MatchText.words($0).isEmpty }) {
        throw context.usage("--\(list.name): expected a letter or digit in each entry")
      }
      let path = list.path
      return { $0[keyPath: path] = entries }
    }
  }
}

extension Substring {
  fileprivate var trimmed: String { String(self).trimmed }
}

extension CommandContext {
  fileprivate func profileChange() throws -> @Sendable (inout IdealProfile) -> Void {
    let words = invocation
    var changes = try ReservoirProgram.listChanges(self)
    if let employees = try words.optional(
      "employees", expected: "a range such as 5-50, or any", parse: Self.sizes)
    {
      changes.append { $0.employees = employees }
    }
    if let excluded = try words.optional("excluded-domains", expected: Self.domainWords, parse: Self.domains)
    {
      changes.append { $0.excludedDomains = excluded }
    }
    if let rivals = try words.optional("competitor-domains", expected: Self.domainWords, parse: Self.domains)
    {
      changes.append { $0.competitorDomains = rivals }
    }
    if let claims = try words.optional(
      "claims-companies", expected: "yes or no", parse: { ["yes": true, "no": false][$0] })
    {
      changes.append { $0.claimsCompanies = claims }
    }
    if let pace = try words.optional("daily-pace", expected: "a number from 1, or none", parse: Self.pace) {
      changes.append { $0.dailyPace = pace }
    }
    for text in words.values("weight") {
      guard let (component, weight) = Self.weight(text) else {
        throw usage("--weight: expected one such as authority=1.5")
      }
      changes.append { $0.weights[component] = weight }
    }
    guard !changes.isEmpty else { throw usage("say what to change") }
    let all = changes
    return { profile in for change in all { change(&profile) } }
  }

  private static let domainWords = "domain names with commas between them"

  private static func domains(_ text: String) -> [DomainName]? {
    let parts = text.split(separator: ",")
    let names = parts.compactMap { DomainName($0.trimmed) }
    return names.count == parts.count ? Array(Set(names)).sorted() : nil
  }

  /// `any` is no range.
  private static func sizes(_ text: String) -> ClosedRange<Int>?? {
    if text == "any" { return .some(nil) }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard ends.count == 2, ends[0] <= ends[1], IdealProfile.sizes.contains(ends[0]),
      IdealProfile.sizes.contains(ends[1])
    else { return nil }
    return .some(ends[0]...ends[1])
  }

  private static func pace(_ text: String) -> Int?? {
    if text == "none" { return .some(nil) }
    return Int(text).flatMap { IdealProfile.paces.contains($0) ? .some($0) : nil }
  }

  private static func weight(_ text: String) -> (ScoreComponent, Int)? {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let component = ScoreComponent(rawValue: String(parts[0])),
      let factor = Double(parts[1]), (0...10).contains(factor)
    else { return nil }
    return (component, Int((factor * 100).rounded()))
  }
}
