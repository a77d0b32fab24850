import Domain
import Engine
import JSON
import Postgres
import Records
import Store
import TestSupport
import Testing

/// A database with a pool of leads, and files to import into it.
struct LeadImportWorld {
  let world = World()

  var database: Database { world.database }
  var imports: LeadImportService { LeadImportService(database: database, time: world.clock) }
  let actor = Actor.commandLine

  /// A person of Apollo's as a line.
  static func person(
    _ number: Int, email: String? = nil, linkedIn: String? = nil, title: String = "CTO"
  ) -> String {
    let email = email ?? "p\(number)@example.com"
    let link = linkedIn.map { ",\"linkedin_url\":\"http://www.linkedin.com/in/\($0)\"" } ?? ""
    return "{\"id\":\"apollo\(number)\",\"first_name\":\"P\(number)\",\"title\":\"\(title)\","
      + "\"email\":\"\(email)\"\(link)}"
  }

  func begin(
    _ text: String, kind: LeadImport.Kind = .file, source: String = "apollo", format: RecordFormat = .jsonl,
    rehearsal: Bool = false, restarts: Bool = false
  ) async throws -> LeadImportService.Beginning {
    try await imports.begin(
      .init(
        kind: kind, name: "people", source: source, format: format.rawValue,
        fingerprint: "print of \(text.count)",
        isRehearsal: rehearsal, restarts: restarts), actor: actor)
  }

  func file(
    _ text: String, _ format: RecordFormat = .jsonl, from run: LeadImport, claims: LeadClaimColumns? = nil,
    wishes: [LeadFileOptions.Wish] = []
  ) throws -> LeadFile {
    try LeadFile(
      format, from: run.place, options: LeadFileOptions(wishes: wishes), claims: claims, source: run.source,
      startedAt: run.startedAt
    ) { ByteSource(Array(text.utf8), from: $0) }
  }

  /// A whole import.
  @discardableResult
  func importText(
    _ text: String, _ format: RecordFormat = .jsonl, kind: LeadImport.Kind = .file, source: String = "apollo",
    rehearsal: Bool = false, claims: LeadClaimColumns? = nil
  ) async throws -> LeadImport {
    world.clock.advance(by: .seconds(1))
    let run = try await begin(text, kind: kind, source: source, format: format, rehearsal: rehearsal).run
    let file = try file(text, format, from: run, claims: claims)
    return try await imports.run(run.id, from: file, actor: actor) { [clock = world.clock] _ in
      clock.advance(by: .milliseconds(1))
    }
  }

  /// `row verdict`, with what a duplicate repeats.
  func verdicts(_ id: ID<LeadImport>) async throws -> [String] {
    try await imports.rows(of: id, limit: 100_000).map {
      "\($0.row) \($0.verdict.rawValue)" + ($0.earlierRow.map { " of \($0)" } ?? "")
    }
  }

  func count(_ sql: SQL) async throws -> Int {
    try await database.transaction { try $0.query(sql)[0].decode(at: 0) }
  }

  func texts(_ sql: SQL) async throws -> [String?] {
    try await database.transaction { try $0.query(sql).map { try $0.decode(at: 0) } }
  }

  func execute(_ sql: SQL) async throws { _ = try await database.transaction { try $0.execute(sql) } }

  var leads: Int { get async throws { try await count("SELECT count(*) FROM lead_pool") } }
}

extension LeadImportCounts {
  /// Without what is none.
  var shown: [LeadRowVerdict: Int] {
    var shown: [LeadRowVerdict: Int] = [:]
    for verdict in LeadRowVerdict.allCases where self[verdict] > 0 { shown[verdict] = self[verdict] }
    return shown
  }
}
