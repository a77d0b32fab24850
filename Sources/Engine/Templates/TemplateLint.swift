import Domain
import Postgres
import Store

/// A template held against the leads that a search finds.
public struct TemplateLint: Sendable {
  /// So many leads are looked at; of more, a sample.
  public static let most = 10_000

  public let report: TemplateReport
  /// How many leads the search finds.
  public let matching: LeadCount
  /// Not all of them were looked at.
  public let isSample: Bool

  /// - Parameters:
  ///   - client: only leads that are this client's; nil: all.
  ///   - values: of the template's variables.
  public init(
    _ template: ParsedTemplate, against query: LeadQuery, for client: ID<Client>?,
    values: [String: String], in database: Database
  ) async throws {
    let search = LeadSearchService(database: database)
    var report = TemplateReport(template, values: values)
    let matching = try await search.count(query, for: client)
    let fields = template.fields
    let isSample = matching.isEstimate && matching.value > Self.most
    if isSample, let query = query.limited(to: client) {
      let options = TransactionOptions(isReadOnly: true, statementTimeout: .seconds(20))
      let sample = try await database.transaction(options) {
        try LeadSampleStore.sample(
          query, fields: fields, about: Self.most, of: matching.value, in: &$0)
      }
      sample.forEach { report.look(at: $0) }
    } else {
      var place: ID<Lead>?
      repeat {
        let page = try await search.search(query, for: client, fields: fields, after: place, limit: 1_000)
        page.leads.forEach { report.look(at: $0.facts) }
        place = page.next
      } while place != nil && report.leads < Self.most
    }
    self.report = report
    self.matching = matching
    self.isSample = isSample || report.leads < matching.value
  }
}

extension TemplateService {
  /// Holds a template against the leads that a search finds.
  ///
  /// - Throws: `TemplateErrors` when it cannot be read.
  public func lint(
    _ content: TemplateContent, channel: Channel, against query: LeadQuery, for client: ID<Client>? = nil,
    values: [String: String] = [:]
  ) async throws -> TemplateLint {
    try await TemplateLint(
      try ParsedTemplate(content, channel: channel), against: query, for: client, values: values,
      in: database)
  }
}
