import Domain
import Engine
import JSON
import Postgres
import Store
import TestSupport

/// Leads to search among.
struct LeadSearchWorld {
  let pool = PoolFixture(poolSize: 4)
  var search: LeadSearchService { LeadSearchService(database: pool.database) }

  /// Makes a lead of these facts for each, in this order; gives their ids.
  @discardableResult
  func leads(_ all: [LeadFacts], source: String = "apollo") async throws -> [ID<Lead>] {
    let start = try Timestamp("2026-01-01T00:00:00Z").wanted
    let ids = all.indices.map { ID<Lead>(at: start + .seconds($0)) }
    let rows = String(decoding: JSON.write { $0.value(all) }, as: UTF8.self)
    let columns = LeadField.all.map(\.name)
    try await pool.execute(
      """
      INSERT INTO lead_pool (id, created_at, updated_at, provenance,
        \(unescaped: columns.joined(separator: ", ")))
      SELECT i.id, \(start) + i.place * interval '1 second', \(start) + i.place * interval '1 second',
        jsonb_build_object('person', jsonb_build_object('source', \(source)::text)),
        \(unescaped: columns.map { "f.\($0)" }.joined(separator: ", "))
      FROM unnest(\(ids)) WITH ORDINALITY AS i (id, place)
      JOIN jsonb_array_elements(\(PostgresJSON(text: rows))) WITH ORDINALITY AS r (value, place)
        USING (place),
        jsonb_populate_record(NULL::lead_pool, r.value) AS f
      """)
    return ids
  }

  /// Gives the leads to the client.
  func assign(_ leads: [ID<Lead>], to client: ID<Client>) async throws {
    try await pool.execute(
      "INSERT INTO lead_assignments (lead_id, client_id) SELECT id, \(client) FROM unnest(\(leads)) AS id")
  }

  /// All that a query finds, page by page.
  func all(
    _ query: LeadQuery, for client: ID<Client>? = nil, limit: Int = 7
  ) async throws -> [ID<Lead>] {
    var (found, place): ([ID<Lead>], ID<Lead>?) = ([], nil)
    repeat {
      let page = try await search.search(query, for: client, after: place, limit: limit)
      found += page.leads.map(\.id)
      place = page.next
    } while place != nil
    return found
  }
}

extension Optional {
  struct Missing: Error {}

  /// The value; a test without it is wrong.
  var wanted: Wrapped {
    get throws {
      guard let self else { throw Missing() }
      return self
    }
  }
}
