import API
import Domain
import Engine
import HTTPClient
import JSON
import Providers
import Runtime
import Terminal

extension ReservoirProgram {
  var scoutLeads: Command {
    command(
      "scout", "Looks for people at Apollo and brings them into the pool.",
      discussion: """
        The search costs nothing; each person who is asked for costs a credit. People whom the pool
        knows are not asked for, unless their record is older than --older-than. No more credits are
        spent than --credits, nor than --apollo-monthly-credits in a month. Needs --apollo-api-key.
        What stops it is gone on with by the same command.
        """,
      options: [
        .value("titles", "LIST", "Job titles, with commas between them."),
        .value("seniorities", "LIST", "owner, founder, c_suite, partner, vp, head, director, manager, …"),
        .value("locations", "LIST", "Where people live; ';' between them."),
        .value("company-locations", "LIST", "Where their companies are; ';' between them."),
        .value("domains", "LIST", "Domains of their companies."),
        .value("employees", "LIST", "Numbers of employees such as 11-50, with commas between them."),
        .value("email-statuses", "LIST", "verified, unverified, likely to engage, unavailable."),
        .value("keywords", "TEXT", "Words to look for."),
        .value("limit", "N", "The most people to ask for.", default: "100"),
        .value("credits", "N", "The most credits to spend."),
        .value("older-than", "DAYS", "Asks again for people whose record is older."),
        .flag("dry-run", "Counts only: no credits are spent, nothing is kept."),
        .flag("restart", "Begins anew where a run is not at its end."),
      ] + Settings.scout.map(\.option),
      examples: [
        Example(
          "reservoir leads scout --titles 'VP Operations,COO' --locations 'Texas, US' --dry-run",
          "How many there are, and what they would cost."),
        Example("reservoir leads scout --domains acme.example --limit 50 --credits 50", "Brings them in."),
      ]
    ) { context in
      let wish = try context.scoutWish()
      let words = context.invocation
      guard let key = context.configuration[Settings.apolloKey] else {
        throw CommandFailure("--apollo-api-key (RESERVOIR_APOLLO_API_KEY) is not set")
      }
      let month = context.configuration[Settings.apolloMonthlyCredits]
      return try await context.withDatabase { database in
        let scout = ScoutService(
          database: database, time: WallClock(),
          provider: Apollo(url: context.configuration[Settings.apolloURL], key: key, agent: HTTPAgent()),
          monthlyCredits: month == 0 ? nil : Double(month))
        do {
          if words.flag("dry-run") {
            context.show(try await scout.rehearse(wish), isRehearsal: true)
          } else {
            context.show(try await context.scout(scout, wish), isRehearsal: false)
          }
          return .success
        } catch let failure as ProviderFailure {
          throw CommandFailure("Apollo: \(visible(failure.message))")
        }
      }
    }
  }
}

extension CommandContext {
  fileprivate func scoutWish() throws -> ScoutService.Wish {
    func list(_ name: String, by separator: Character = ",") -> [String] {
      (invocation.optional(name) ?? "").split(separator: separator).map { String($0).trimmed }
        .filter { !$0.isEmpty }
    }
    var filters = ScoutFilters()
    filters.titles = list("titles")
    filters.seniorities = list("seniorities")
    if let odd = filters.seniorities.first(where: { !ScoutFilters.knownSeniorities.contains($0) }) {
      throw usage(
        "--seniorities: expected \(ScoutFilters.knownSeniorities.joined(separator: ", ")), "
          + "not '\(visible(odd))'")
    }
    filters.locations = list("locations", by: ";")
    filters.companyLocations = list("company-locations", by: ";")
    filters.domains = list("domains")
    filters.employees = try list("employees").map { range in
      let ends = range.split(separator: "-").map { Int($0) }
      guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high else {
        throw usage("--employees: expected ranges such as 11-50, not '\(visible(range))'")
      }
      return "\(low),\(high)"
    }
    filters.emailStatuses = list("email-statuses")
    filters.keywords = invocation.optional("keywords")
    guard !filters.isEmpty else { throw usage("say whom to look for: --titles, --locations, --domains, …") }
    return ScoutService.Wish(
      filters: filters, limit: try invocation.integer("limit", in: 1...50_000),
      credits: try invocation.optionalInteger("credits", in: 0...10_000_000).map(Double.init),
      age: try invocation.optionalInteger("older-than", in: 0...36_500).map { .seconds($0 * 86_400) })
  }

  fileprivate func scout(
    _ scout: ScoutService, _ wish: ScoutService.Wish
  ) async throws -> ScoutService.Outcome {
    let options = Self.text(wish.filters)
    let begun = try await scout.begin(
      name: "Apollo", options: options, restarts: invocation.flag("restart"), actor: .commandLine)
    if case .resumed(let run) = begun {
      guard try JSONValue(parsing: run.options) == JSONValue(parsing: options) else {
        throw CommandFailure(
          "another search is not at its end: \(run.id); finish it, or --restart to begin anew")
      }
      console.note("Going on with import \(run.id) after \(HumanText.count(run.place.row)) people.")
    }
    let bar = Progress("scout", total: wish.limit, on: console.err)
    let done = try await scout.run(begun.run, wish, actor: .commandLine) { _ in
      bar.advance(by: LeadProviderLimits.batch)
    }
    bar.finish()
    return done
  }

  /// Kept with the run: a search is no secret, and nobody's.
  private static func text(_ filters: ScoutFilters) -> String {
    String(
      decoding: JSON.write { writer in
        writer.object { object in
          object.field("titles", filters.titles)
          object.field("seniorities", filters.seniorities)
          object.field("locations", filters.locations)
          object.field("company_locations", filters.companyLocations)
          object.field("domains", filters.domains)
          object.field("employees", filters.employees)
          object.field("email_statuses", filters.emailStatuses)
          object.field("keywords", filters.keywords)
        }
      }, as: UTF8.self)
  }

  fileprivate func show(_ outcome: ScoutService.Outcome, isRehearsal: Bool) {
    let heading =
      "\(HumanText.count(outcome.total)) found, \(HumanText.count(outcome.found)) looked at, "
      + "\(HumanText.count(outcome.known)) known already"
    let rest =
      isRehearsal
      ? "nothing was spent; \(HumanText.count(outcome.asked)) would be asked for, a credit for each"
      : "\(outcome.credits) credits spent; " + (outcome.run.map(Self.summary) ?? "")
    if let stop = outcome.stop { console.note("Stopped: \(stop).") }
    print("\(heading)\n\(rest)") { writer in
      writer.object { object in
        object.field("total", outcome.total)
        object.field("looked_at", outcome.found)
        object.field("known", outcome.known)
        object.field("asked", outcome.asked)
        object.field("credits", outcome.credits)
        object.field("stopped_because", outcome.stop)
        object.field("import", outcome.run)
      }
    }
  }
}
