import Domain
import Postgres
import Store
import TestSupport
import Testing

/// Rules that stand in SQL once more, for SQL users and for the index: both are held to the same cases.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct RuleParityTests {
  let pool = PoolFixture(poolSize: 4)

  struct Places: Hashable {
    let max: Int
    let current: Int
    let held: Int
    let status: ResourceStatus
  }

  @Test func `what a resource is by its places: the trigger says what Domain says`() async throws {
    let clients = [
      try await pool.client("A"), try await pool.client("B"), try await pool.client("C"),
      try await pool.client("D"),
    ]
    var cases: [Places] = []
    for max in 1...4 {
      for current in 0...max {
        for held in 0...current {
          for status in [ResourceStatus.available, .warming, .quarantined] {
            cases.append(Places(max: max, current: current, held: held, status: status))
          }
        }
      }
    }
    for (index, place) in cases.enumerated() {
      let id: ID<Resource> = try #require(
        try await pool.value(
          """
          INSERT INTO resource_pool (resource_type, resource_value, max_clients)
          VALUES ('linkedin_seat', 'seat_' || \(index), \(Int32(place.max))) RETURNING id
          """))
      try await pool.execute(
        """
        INSERT INTO client_resources (client_id, resource_pool_id, held_until)
        SELECT client, \(id), CASE WHEN place <= \(place.held) THEN reservoir_now() + interval '1 day' END
        FROM unnest(\(Array(clients.prefix(place.current)))) WITH ORDINALITY AS c (client, place)
        """)
      try await pool.execute(
        """
        UPDATE resource_pool SET status = \(place.status),
          quarantined_at = CASE WHEN \(place.status) = 'quarantined' THEN reservoir_now() END,
          quarantine_reason = CASE WHEN \(place.status) = 'quarantined' THEN 'manual' END
        WHERE id = \(id)
        """)
      let found: ResourceStatus? = try await pool.value("SELECT status FROM resource_pool WHERE id = \(id)")
      let resource = Resource(
        id: id, kind: .linkedInSeat, value: ResourceValue(unchecked: "seat", kind: .linkedInSeat),
        maxClients: place.max, currentClients: place.current, status: place.status,
        createdAt: Timestamp(microseconds: 0))
      #expect(found == resource.settledStatus(heldClients: place.held), "\(place)")
    }
    let kinds: [String] = try await pool.column("SELECT DISTINCT status FROM resource_pool")
    #expect(Set(kinds) == ["available", "assigned", "held", "warming", "quarantined"])
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `R5: SQL walks the candidates in the order of Domain`(seed: UInt64) async throws {
    var random = Seeded(state: seed)
    let clients = [try await pool.client("A"), try await pool.client("B"), try await pool.client("C")]
    let asking = try await pool.client("Asking")
    for index in 0..<150 {
      let taken = Int.random(in: 0...3, using: &random)
      // Few values, so that each criterion often leaves the decision to the next one.
      let created = Timestamp(microseconds: Int64.random(in: 0...3, using: &random) * 1_000_000)
      let id = ID<Resource>(at: Timestamp(microseconds: 0), using: &random)
      try await pool.execute(
        """
        INSERT INTO resource_pool (id, resource_type, resource_value, max_clients, reputation_score,
          created_at, warmup_completed_at)
        VALUES (\(id), 'email_domain', 'd' || \(index) || '.example.com', 4,
          \(Int32.random(in: 0...2, using: &random) * 50), \(created),
          CASE WHEN \(Bool.random(using: &random)) THEN reservoir_now() END)
        """)
      try await pool.execute(
        """
        INSERT INTO client_resources (client_id, resource_pool_id)
        SELECT client, \(id) FROM unnest(\(Array(clients.prefix(taken)))) AS client
        """)
    }
    let now: Timestamp = try #require(try await pool.value("SELECT reservoir_now()"))
    for count in [1, 20, 149, 500] {
      let walked = try await pool.database.transaction { transaction in
        try AssignmentStore.lockFacts(
          for: ResourceCounts(emailDomains: count), of: asking, now: now, in: &transaction
        ).candidates[.emailDomain] ?? []
      }
      let all = try await pool.database.transaction { transaction in
        try ResourceStore.list(
          ResourceStore.Filter(kind: .emailDomain), after: nil, limit: 1_000, in: &transaction)
      }
      #expect(walked.map(\.id) == all.sorted(by: ResourceSelection.order).prefix(count).map(\.id))
      let selected = ResourceSelection.select(count, from: all.shuffled(), policy: .strict, now: now)
      #expect(selected.map(\.resource.id) == walked.map(\.id))
    }
  }

  @Test func `a type's channels: the view says what Domain says`() async throws {
    let client = try await pool.client("Acme")
    let domain: ID<Resource>? = try await pool.value(
      """
      INSERT INTO resource_pool (resource_type, resource_value) VALUES ('email_domain', 'a.com') RETURNING id
      """)
    try await pool.execute(
      """
      INSERT INTO resource_pool (resource_type, resource_value, domain_id)
      VALUES ('mailbox', 'jo@a.com', \(domain)), ('phone_number', '+14244851000', NULL),
        ('linkedin_seat', 'seat_1', NULL)
      """)
    try await pool.execute(
      "INSERT INTO client_resources (client_id, resource_pool_id) SELECT \(client), id FROM resource_pool")
    try await pool.execute("INSERT INTO campaigns (client_id, name) VALUES (\(client), 'Spring')")
    let found: [String] = try await pool.column(
      """
      SELECT r.resource_type || ' ' || x.channel FROM campaign_resources x
      JOIN resource_pool r ON r.id = x.resource_pool_id
      """)
    let wanted = ResourceKind.allCases.flatMap { kind in kind.channels.map { "\(kind.rawValue) \($0)" } }
    #expect(Set(found) == Set(wanted) && found.count == wanted.count)
  }
}

/// SplitMix64: the same cases in each run.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
