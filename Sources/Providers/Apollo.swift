import Domain
import Engine
import HTTPClient
import JSON
import Runtime

/// Apollo knows people: a search that costs nothing and tells little, and enrichment that costs credits
/// (`facts/providers/apollo.md`).
///
/// Read tolerantly: of its answers only what matters must be as expected; records are handed on as they came.
public struct Apollo: LeadProvider {
  public static let standardURL = "https://api.apollo.io/api/v1"

  public let name = "apollo"
  private let calls: ProviderCalls

  public init(
    url: String = Apollo.standardURL, key: Secret, agent: HTTPAgent, timeout: Duration = .seconds(60)
  ) {
    calls = ProviderCalls(
      agent: agent, base: url.hasSuffix("/") ? String(url.dropLast()) : url,
      headers: [("x-api-key", key.revealed), ("Cache-Control", "no-cache")], secret: key, personal: [],
      timeout: timeout)
  }

  public func search(_ filters: ScoutFilters, page: Int) async throws(ProviderFailure) -> ScoutPage {
    let body = JSON.write { writer in
      writer.object { object in
        func list(_ name: StaticString, _ values: [String]) {
          if !values.isEmpty { object.field(name, values) }
        }
        list("person_titles", filters.titles)
        list("person_seniorities", filters.seniorities)
        list("person_locations", filters.locations)
        list("organization_locations", filters.companyLocations)
        list("q_organization_domains_list", filters.domains)
        list("organization_num_employees_ranges", filters.employees)
        list("contact_email_status", filters.emailStatuses)
        if let keywords = filters.keywords { object.field("q_keywords", keywords) }
        object.field("page", page)
        object.field("per_page", LeadProviderLimits.page)
      }
    }
    let (answer, pace) = try await post("/mixed_people/api_search", body)
    guard let people = answer["people"]?.array else {
      throw ProviderFailure(.unavailable, "the answer has no list of people")
    }
    return ScoutPage(
      total: answer["total_entries"]?.int ?? answer["pagination"]?["total_entries"]?.int ?? people.count,
      ids: people.compactMap { $0["id"]?.string }.filter { !$0.isEmpty && $0.utf8.count <= 100 }, pace: pace)
  }

  public func enrich(_ ids: [String]) async throws(ProviderFailure) -> ScoutAnswer {
    let body = JSON.write { writer in
      writer.object { object in
        object.array("details") { list in
          for id in ids { list.object { $0.field("id", id) } }
        }
      }
    }
    let (answer, pace) = try await post("/people/bulk_match", body)
    guard let matches = answer["matches"]?.array else {
      throw ProviderFailure(.unknown, "the answer has no matches")
    }
    let credits = answer["credits_consumed"]?.double.flatMap { (0...1_000_000).contains($0) ? $0 : nil }
    return ScoutAnswer(
      people: matches.filter { $0.object?.isEmpty == false }.map { $0.bytes() }, credits: credits, pace: pace)
  }

  private func post(
    _ path: String, _ body: [UInt8]
  ) async throws(ProviderFailure) -> (JSONValue, ScoutPace) {
    let response: IncomingResponse
    do { response = try await calls.exchange("POST", path, body, bodyLimit: 32 << 20) } catch {
      throw error.failure
    }
    do {
      return (
        try JSONValue(parsing: response.body, limits: JSONLimits(depth: 64)), Self.pace(response)
      )
    } catch { throw ProviderFailure(.unknown, "the answer is not JSON") }
  }

  /// Three windows; those without a limit have no header.
  static func pace(_ response: IncomingResponse) -> ScoutPace {
    func left(_ window: String) -> Int? {
      response.header("x-\(window)-requests-left").flatMap { Int($0) }
    }
    if [left("hourly"), left("24-hour")].contains(where: { $0.map { $0 <= 0 } ?? false }) {
      return .exhausted
    }
    if let minute = left("minute"), minute <= 0 {
      let asked = response.header("retry-after").flatMap { Int($0) } ?? 60
      return .wait(.seconds(min(max(asked, 1), 120)))
    }
    return .free
  }
}
