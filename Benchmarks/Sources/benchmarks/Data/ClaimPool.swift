import Foundation

/// A pool of leads of eight to a company, and a client that wants a fifth of them.
struct ClaimPool {
  let database: Database
  let program: String
  let scratch: Scratch

  init(database: Database, reservoir: String, scratch: Scratch) {
    (self.database, program, self.scratch) = (database, reservoir, scratch)
  }

  func reservoir(_ words: String...) throws {
    _ = try Program.run(program, words + ["--database-url", database.conninfo], in: scratch)
  }

  func load(_ leads: Int) throws {
    try reservoir("migrate")
    let chunk = 200_000
    for start in stride(from: 1, through: leads, by: chunk) {
      try database.run(Self.insert(start, min(start + chunk - 1, leads)))
    }
    try database.run(
      """
      INSERT INTO pricing_tiers (name, price_cents, lead_quota, email_domains, mailboxes, phone_numbers,
        linkedin_seats, created_at) VALUES ('vast', 1, 1000000, 0, 0, 0, 0, now());
      VACUUM ANALYZE lead_pool
      """)
    try reservoir("clients", "create", "Acme")
    try reservoir("clients", "confirm", "Acme", "--tier", "vast")
    try reservoir(
      "profile", "set", "Acme", "--industries", "saas,finance", "--titles", "ceo,head of sales,vp marketing",
      "--countries", "Australia,Germany,Chile", "--employees", "5-100")
    try database.run("INSERT INTO clients (company_name) VALUES ('Bare')")
  }

  func assigned() throws -> Int { try database.count("SELECT count(*) FROM lead_assignments") }

  static func bareInsert(_ count: Int) -> String {
    """
    INSERT INTO lead_assignments (lead_id, client_id)
    SELECT p.id, c.id FROM lead_pool p, clients c
    WHERE c.company_name = 'Bare'
      AND NOT EXISTS (SELECT FROM lead_assignments a WHERE a.lead_id = p.id AND a.released_at IS NULL)
    LIMIT \(count);
    """
  }

  private static func insert(_ first: Int, _ last: Int) -> String {
    """
    INSERT INTO lead_pool (apollo_id, first_name, last_name, title, seniority, email, email_status,
      email_domain, phone, country, city, company_name, company_domain, company_industry, company_employees,
      company_technologies, company_keywords, company_country, company_domain_rank, company_organic_traffic,
      company_description)
    SELECT 'a' || i, 'First' || i % 5000, 'Last' || i % 9000,
      (ARRAY['CEO', 'Head of Sales', 'VP Marketing', 'Engineer', 'Account Manager', 'Founder', 'CTO',
        'Office Manager'])[1 + i % 8],
      (ARRAY['owner', 'head', 'vp', 'entry', 'manager', 'founder', 'c_suite', 'manager'])[1 + i % 8],
      'p' || i || '@c' || i / 8 || '.example', CASE WHEN i % 3 = 0 THEN 'guessed' ELSE 'verified' END,
      'c' || i / 8 || '.example', CASE WHEN i % 4 = 0 THEN '+1415' || lpad((i % 10000000)::text, 7, '0') END,
      (ARRAY['United States', 'Australia', 'Germany', 'Chile'])[1 + i / 8 % 4], 'City' || i % 300,
      'Company ' || i / 8, 'c' || i / 8 || '.example',
      (ARRAY['saas', 'retail', 'finance', 'health', 'legal'])[1 + i / 8 % 5], 1 + (i / 8 * 7919) % 120,
      ARRAY['tech' || i % 50, 'tech' || i % 51, 'tech' || i % 53, 'tech' || i % 59],
      ARRAY['kw' || i % 100, 'kw' || i % 101, 'kw' || i % 103],
      (ARRAY['United States', 'Australia', 'Germany', 'Chile'])[1 + i / 8 % 4], i % 900, i % 3000,
      repeat('What the company does. ', 20)
    FROM generate_series(\(first), \(last)) AS i
    """
  }
}
