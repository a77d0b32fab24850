import Domain
import Engine
import Foundation
import JSON
import Postgres
import Store
import TestSupport

/// A database with a pool of leads, and records to put into it.
struct IntakeWorld {
  let world: World

  init(poolSize: Int = 8, failsFirstAttempt: Bool = false) {
    world = World(poolSize: poolSize, failsFirstAttempt: failsFirstAttempt)
  }

  var database: Database { world.database }
  var now: Timestamp { world.clock.now }

  /// A row of a list: fields by their names.
  func row(
    _ number: Int, _ texts: [String: String], source: String = "csv", at time: Timestamp? = nil,
    record: String? = nil, unknown: [String] = []
  ) -> IncomingLead {
    var facts = LeadFacts()
    for (name, text) in texts {
      guard let field = LeadField(named: name) else { preconditionFailure("no field \(name)") }
      facts[field] = field.kind.value(fromText: text)
    }
    return IncomingLead(
      row: number, facts: facts.normalised().facts, source: source, asOf: time ?? now, record: record,
      unknownFields: unknown)
  }

  func row(
    _ texts: [String: String], source: String = "csv", at time: Timestamp? = nil
  ) -> IncomingLead { row(1, texts, source: source, at: time) }

  @discardableResult
  func take(_ leads: [IncomingLead], importID: ID<LeadImport>? = nil) async throws -> [IntakeVerdict] {
    try await LeadIntake.take(leads, into: database, importID: importID, actor: .commandLine, now: now)
  }

  /// Of the lead that the first of these made or met.
  func id(_ leads: [IncomingLead]) async throws -> ID<Lead> {
    guard let id = try await take(leads).first?.leadID else { throw Astray() }
    return id
  }

  /// The lead that a record made or met.
  func lead(_ verdict: IntakeVerdict) async throws -> PoolLead {
    guard let id = verdict.leadID else { throw Astray() }
    return try await lead(id)
  }

  func lead(_ id: ID<Lead>) async throws -> PoolLead {
    let lead = try await database.transaction { transaction in
      try PoolLeadStore.find(id, in: &transaction)
    }
    guard let lead else { throw Astray() }
    return lead
  }

  func count(_ what: SQL) async throws -> Int {
    try await database.transaction { try $0.query(what)[0].decode(at: 0) }
  }

  func texts(_ sql: SQL) async throws -> [String] {
    try await database.transaction { try $0.query(sql).map { try $0.decode(at: 0) } }
  }
}

extension IntakeVerdict {
  var leadID: ID<Lead>? {
    switch self {
    case .new(let id), .updated(let id, _), .unchanged(let id), .merged(let id), .suppressed(let id): id
    case .duplicate, .conflict, .rejected: nil
    }
  }

  var isNew: Bool { if case .new = self { true } else { false } }
}

/// A test went a way that it should not.
struct Astray: Error {}

/// Apollo's sample answers.
enum ApolloSample {
  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = #filePath.components(separatedBy: "/LeadPool/")[0] + "/Fixtures/"
    return Array(try Data(contentsOf: URL(filePath: folder + "apollo-\(name).json")))
  }

  static let people = ["person-1-verified-saved", "person-2-extrapolated", "person-3-unrevealed"]

  /// The three people and those of the bulk answer, as JSON.
  static func all() throws -> [JSONValue] {
    var people = try people.map { try JSONValue(parsing: bytes($0))["person"] ?? .null }
    people += (try JSONValue(parsing: bytes("bulk-match"))["matches"]?.array ?? []).filter { $0 != .null }
    return people
  }

  static func incoming(_ person: JSONValue, row: Int = 1, at time: Timestamp) throws -> IncomingLead {
    try ApolloRecord.incoming(person, row: row, receivedAt: time).get()
  }
}
