import Domain
import Postgres
import Store
import TestSupport
import Testing

/// Who is suppressed stands in SQL, for the moment of use, and in Domain, for explanations: both are held to
/// the same cases.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct SuppressionParityTests {
  let pool = PoolFixture(poolSize: 4)

  /// Few values, so that leads and suppressions meet often.
  static let domains = ["example.com", "mail.example.com", "a.b.c.example.org", "b.c.example.org", "x.io"]
  static let numbers = ["+16505300051", "+16505300052", "+442079460958"]

  static func address(_ random: inout Seeded) -> ContactAddress {
    switch Int.random(in: 0...4, using: &random) {
    case 0: ContactAddress(.email, unchecked: email(&random))
    case 1: ContactAddress(.domain, unchecked: domains.randomElement(using: &random)!)
    case 2: ContactAddress(.phone, unchecked: numbers.randomElement(using: &random)!)
    case 3: ContactAddress(.linkedin, unchecked: "in/p\(Int.random(in: 0...5, using: &random))")
    default: ContactAddress(.apollo, unchecked: "a\(Int.random(in: 0...5, using: &random))")
    }
  }

  static func email(_ random: inout Seeded) -> String {
    "p\(Int.random(in: 0...3, using: &random))@\(domains.randomElement(using: &random)!)"
  }

  @Test func `a domain and those above it`() async throws {
    for domain in Self.domains {
      let found: [String]? = try await pool.value("SELECT domain_and_above(\(domain))")
      #expect(found == ContactAddress(.domain, unchecked: domain).domains.map(\.value))
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `the rule in SQL finds what Domain finds`(seed: UInt64) async throws {
    var random = Seeded(state: seed)
    let clients = [try await pool.client("A"), try await pool.client("B")]
    var news: [NewSuppression] = []
    for _ in 0..<12 {
      news.append(
        NewSuppression(
          Self.address(&random), for: [nil, clients[0], clients[1]].randomElement(using: &random)!,
          because: Suppression.Reason.given.randomElement(using: &random)!))
    }
    let start = Timestamp(microseconds: 1_700_000_000_000_000)
    let added = try await pool.database.transaction { [news] transaction in
      try SuppressionStore.add(news, now: start, in: &transaction)
    }
    try await pool.execute("UPDATE suppressions SET lifted_at = now() WHERE id = \(added[0].suppression.id)")
    try await pool.execute(
      """
      INSERT INTO suppressions (kind, key, reason)
      SELECT 'phone', contact_key('phone', \(Self.numbers[2]), salt), 'erased' FROM contact_salt
      """)
    var hits = 0
    for index in 0..<60 {
      let lead = try await lead(index, &random)
      if index.isMultiple(of: 4) {
        let merged = try await self.lead(100 + index, &random)
        try await pool.execute("UPDATE lead_pool SET merged_into_id = \(lead) WHERE id = \(merged)")
      }
      for client in [nil] + clients {
        let (found, explained) = try await pool.database.transaction { transaction in
          let lead = try PoolLeadStore.find(lead, in: &transaction)!
          let contacts = lead.facts.addresses
          let present = try SuppressionStore.keys(of: contacts.map(\.address), in: &transaction)
          var keys = Dictionary(zip(present, contacts.map(\.origin)), uniquingKeysWith: { one, _ in one })
          let merged = try LeadSuppressionStore.mergedAddresses(of: lead.id, in: &transaction)
          let former =
            try SuppressionStore.keys(of: merged, in: &transaction)
            + LeadSuppressionStore.identityKeys(of: [lead.id], in: &transaction).keys
          for key in former { keys[key] = keys[key] ?? .former }
          let all = try SuppressionStore.counting(Array(keys.keys), for: client, in: &transaction)
          return (
            try LeadSuppressionStore.found(for: lead.id, client: client, in: &transaction).map(\.id),
            SuppressionRule.hits(on: keys, of: all, for: client).map(\.suppression.id)
          )
        }
        #expect(found == explained)
        hits += found.count
      }
    }
    #expect(hits > 20, "cases that never meet prove nothing")
  }

  /// A lead with some of the values; every third one was known by another address before.
  private func lead(_ index: Int, _ random: inout Seeded) async throws -> ID<Lead> {
    func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &random) ? value : nil }
    let email = maybe(Self.email(&random)).map { "l\(index).\($0)" }
    let id = ID<Lead>(at: Timestamp(microseconds: 0))
    let domain = maybe(Self.domains.randomElement(using: &random)!)
    try await pool.execute(
      """
      INSERT INTO lead_pool (id, email, email_domain, company_domain, phone, phones, personal_emails)
      VALUES (\(id), \(email), \(domain), \(maybe(Self.domains.randomElement(using: &random)!)),
        \(maybe(Self.numbers.randomElement(using: &random)!)),
        \(maybe([Self.numbers.randomElement(using: &random)!])), \(maybe([Self.email(&random).uppercased()])))
      """)
    // Identities that are free, so that some of the suppressions mean them.
    let (linkedIn, former) = ("in/p\(index % 6)", Self.email(&random))
    _ = try? await pool.execute("UPDATE lead_pool SET linkedin_key = \(linkedIn) WHERE id = \(id)")
    if index.isMultiple(of: 3) {
      _ = try? await pool.execute("UPDATE lead_pool SET email = \(former) WHERE id = \(id)")
      try await pool.execute("UPDATE lead_pool SET email = NULL WHERE id = \(id)")
    }
    return id
  }

  /// SplitMix64: the same cases in each run.
  struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
