/// Leads of the pool in the proportions of a real one: five people of each company, frequent and rare titles,
/// places and technologies. The same leads each time.
struct LeadPoolSeed {
  let database: Database
  let leads: Int

  /// Triggers are off meanwhile and the search index is made afterwards, as in any restore; nothing is
  /// measured here.
  func load() throws {
    let index = try database.run("SELECT pg_get_indexdef('lead_pool_search'::regclass)")
    try database.run("DROP INDEX lead_pool_search;\n" + Self.tools + companies)
    let chunk = 200_000
    for start in stride(from: 0, to: leads, by: chunk) {
      try database.run(rows(start, min(leads, start + chunk)))
      Progress.tell("  \(Text.whole(min(leads, start + chunk))) leads")
    }
    try database.run("SET maintenance_work_mem = '512MB';\n\(index);\nDROP TABLE seed_companies;")
    try database.run("VACUUM (ANALYZE) lead_pool;\nVACUUM (ANALYZE) lead_identities;\nCHECKPOINT;")
  }

  /// Gives every so manieth lead to a client of this name; gives its id.
  func assign(every step: Int, to client: String) throws -> String {
    let id = try database.run(
      "INSERT INTO clients (id, company_name) VALUES (uuid_v7(), '\(client)') RETURNING id")
    try database.run(
      """
      INSERT INTO lead_assignments (lead_id, client_id)
      SELECT id, '\(id)' FROM (SELECT id, row_number() OVER (ORDER BY id) AS i FROM lead_pool) AS l
      WHERE i % \(step) = 0;
      VACUUM (ANALYZE) lead_assignments;
      """)
    return id
  }

  /// The first of a list are much more frequent than the last.
  private static let tools = """
    CREATE OR REPLACE FUNCTION seed_pick(list text[], h bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT list[1 + floor(cardinality(list) * power((h & 1048575) / 1048576.0, 2.2))::int] $$;

    """

  private var companies: String {
    """
    CREATE UNLOGGED TABLE seed_companies AS
    SELECT c, 'Company ' || c AS name, 'company' || c || '.example' AS domain,
      seed_pick(ARRAY['information technology & services', 'computer software', 'marketing & advertising',
        'financial services', 'construction', 'real estate', 'hospital & health care', 'retail',
        'education management', 'legal services', 'insurance', 'restaurants', 'automotive', 'design',
        'biotechnology', 'mining & metals', 'ranching', 'shipbuilding'], h) AS industry,
      ARRAY['b2b', 'saas', 'key ' || (h & 255), 'key ' || (h & 4095)] AS keywords,
      1 + (power(10, 4.0 * (h & 65535) / 65536))::int AS employees, (h & 1048575) * 100.0 AS revenue,
      1950 + (h & 63)::int AS founded, 'City ' || (h & 1023) AS city, h & 3 = 0 AS is_hiring,
      ARRAY(SELECT DISTINCT 'tech ' || floor(600 * power(
        (hashint8extended(c * 16 + k, 5) & 1048575) / 1048576.0, 2.2))::int
        FROM generate_series(1, 12) AS k) AS technologies
    FROM (SELECT c, hashint8extended(c, 4) AS h FROM generate_series(0::bigint, \(leads / 5)) AS c) AS s;
    CREATE INDEX ON seed_companies (c);
    ANALYZE seed_companies;
    """
  }

  private func rows(_ start: Int, _ end: Int) -> String {
    """
    SET session_replication_role = replica;
    WITH new AS (
      INSERT INTO lead_pool (id, apollo_id, first_name, last_name, full_name, title, linkedin_headline,
        seniority, departments, role_started_on, email, email_status, email_domain, phone, linkedin_url,
        linkedin_key, city, state, country, time_zone, company_name, company_domain, company_website_url,
        company_industry, company_industries, company_keywords, company_employees, company_revenue,
        company_founded_year, company_country, company_city, company_description, company_technologies,
        company_is_hiring, employment_history, provenance, bounced_at, created_at, updated_at)
      SELECT (lpad(to_hex(1760000000000 + i * 1000), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8'
          || substr(md5(i::text), 4, 15))::uuid,
        substr(md5('a' || i), 1, 24), f, l, f || ' ' || l, t, t || ' at ' || c.name || ' | growth, people',
        seed_pick(ARRAY['entry', 'senior', 'manager', 'director', 'c_suite', 'owner', 'vp', 'founder', 'head',
          'partner', 'intern'], h1),
        ARRAY[seed_pick(ARRAY['master_sales', 'master_marketing', 'master_engineering', 'c_suite',
          'master_operations', 'master_finance', 'master_hr', 'legal', 'medical'], h2)],
        date '2026-01-01' - (h3 & 4095)::int, lower(f) || '.' || lower(l) || i || '@' || c.domain,
        CASE WHEN h1 & 7 < 5 THEN 'verified' WHEN h1 & 7 > 5 THEN 'extrapolated' END, c.domain,
        '+1' || (2000000000 + i), 'http://www.linkedin.com/in/' || lower(l) || '-' || i,
        'in/' || lower(l) || '-' || i, 'City ' || (h2 & 1023), 'State ' || (h2 & 31),
        seed_pick(ARRAY['United States', 'United Kingdom', 'Canada', 'Australia', 'Germany', 'France',
          'India', 'Netherlands', 'Spain', 'Italy', 'Sweden', 'Norway', 'Iceland', 'Malta'], h3),
        'America/New_York',
        c.name, c.domain, 'https://www.' || c.domain, c.industry, ARRAY[c.industry], c.keywords, c.employees,
        c.revenue, c.founded, 'United States', c.city,
        repeat('We help companies to grow with people and products. ', 4), c.technologies, c.is_hiring,
        jsonb_build_array(
          jsonb_build_object('title', t, 'organization_name', c.name, 'start_date', '2022-01-01'),
          jsonb_build_object('title', 'Associate', 'organization_name', 'Former ' || (h2 & 4095))),
        '{"person": {"at": "2026-01-31T09:00:00Z", "source": "apollo"},
          "email": {"at": "2026-01-31T09:00:00Z", "source": "apollo"}}',
        CASE WHEN h2 & 127 = 0 THEN timestamptz '2026-10-01Z' END,
        timestamptz '2025-10-01Z' + i * interval '1 second',
        timestamptz '2025-10-01Z' + i * interval '1 second'
      FROM (
        SELECT i, hashint8extended(i, 1) AS h1, hashint8extended(i, 2) AS h2, hashint8extended(i, 3) AS h3,
          seed_pick(ARRAY['James', 'Mary', 'John', 'Patricia', 'Robert', 'Jennifer', 'Michael', 'Linda',
            'David', 'José', 'Zoë', 'Ada', 'Dana', 'Grace', 'Søren'], hashint8extended(i, 6)) AS f,
          seed_pick(ARRAY['Smith', 'Johnson', 'Williams', 'Brown', 'Jones', 'Garcia', 'Müller', 'Okafor'],
            hashint8extended(i, 7)) || CASE WHEN i % 3 = 0 THEN '' ELSE 'x' || i % 9973 END AS l,
          seed_pick(ARRAY['Account Executive', 'Sales Manager', 'Software Engineer', 'Marketing Director',
            'VP of Sales', 'Founder & CEO', 'Chief Executive Officer', 'Head of Growth', 'Operations Manager',
            'Financial Analyst'], hashint8extended(i, 8))
            || CASE WHEN i % 40000 = 77 THEN ' and Falconer' ELSE '' END AS t
        FROM generate_series(\(start)::bigint, \(end - 1)) AS i) AS s
      JOIN seed_companies c ON c.c = s.i / 5
      RETURNING id, apollo_id, linkedin_key, email)
    INSERT INTO lead_identities (key, lead_id, kind)
    SELECT contact_key(k.kind, k.value, s.salt), n.id, k.kind
    FROM contact_salt s CROSS JOIN new n CROSS JOIN LATERAL (VALUES
      ('apollo', n.apollo_id), ('linkedin', n.linkedin_key), ('email', n.email)) AS k (kind, value);
    """
  }
}
