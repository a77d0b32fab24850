/// How much data a database starts with. Both sides get the same rows: the same companies, leads and numbers
/// with the same ids, last used at the same instants, so that both walk their pools in the same order.
struct Dataset {
  static let companies = 100

  let numbers: Int
  let leads: Int

  /// Ids are decimal digits that are also hexadecimal ones, so that no client has to convert them.
  static let idPrefix = "00000000-0000-7000-8000-"
  static let firstLead = 100_000_000_000
  static let firstCompany = 100

  /// An SQL expression for the id of lead `index`, counted from 0.
  static func leadID(_ index: String) -> String { "('\(idPrefix)' || (\(firstLead) + \(index)))::uuid" }

  /// Companies have their numbers in one block, as they were bought; provider ids are random, as providers
  /// make them. Each number was last used some time in the past 30 days.
  var numberRows: String {
    """
    SELECT md5(i::text)::uuid::text AS vapi_phone_number_id,
      '+1' || (ARRAY['424', '213', '310'])[1 + i % 3] || (2000000 + i) AS number, 'Number ' || i AS name,
      'Company ' || (\(Self.firstCompany) + i / \(numbers / Self.companies)) AS assigned_broker_company,
      date_trunc('hour', now()) - make_interval(secs => (hashint8extended(i, 7) & 2147483647) % 2592000)
        AS assigned_at
    FROM generate_series(0, \(numbers / Self.companies * Self.companies) - 1) AS i
    """
  }

  var leadRows: String {
    """
    SELECT \(Self.leadID("i")) AS id, 'lead' || i || '@example.com' AS primary_email,
      'First ' || i AS first_name, 'Last ' || i AS last_name
    FROM generate_series(0, \(leads) - 1) AS i
    """
  }
}

/// A database with a pool of numbers in it, whichever side's.
protocol Pool {
  var database: Database { get }
  var dataset: Dataset { get }

  /// Makes every number free.
  func refill() throws
}

extension Pool {
  /// The leases that were made so far: each side tells of each lease in the lead's trail.
  func leases() throws -> Int { try database.count("SELECT count(*) FROM interactions") }

  /// Leaves room for the next round, and no dead rows of the last one.
  func prepare() throws {
    let free = try database.count(
      "SELECT count(*) FROM signalwire_phone_numbers WHERE assignment_status = 'available'")
    if free < dataset.numbers * 6 / 10 { try refill() }
    try database.run("VACUUM signalwire_phone_numbers; VACUUM leads;")
  }

  func settle() throws { try database.run("VACUUM (ANALYZE);\nCHECKPOINT;") }
}
