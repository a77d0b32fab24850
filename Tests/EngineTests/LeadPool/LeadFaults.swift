/// Faults in the pool of leads, and the checks that must find them.
extension CheckTests {
  static let leadFaults: [Fault] = [
    Fault("protections-are-in-force", "ALTER TABLE lead_identities DROP CONSTRAINT lead_identities_pkey"),
    Fault("protections-are-in-force", "ALTER TABLE lead_pool DISABLE TRIGGER added"),
    Fault("protections-are-in-force", "ALTER TABLE lead_pool DISABLE TRIGGER known_otherwise"),
    Fault("protections-are-in-force", "ALTER TABLE lead_pool DROP CONSTRAINT lead_pool_no_placeholder"),
    Fault("protections-are-in-force", "DROP TRIGGER stays ON contact_salt"),
    Fault("protections-are-in-force", "DROP TRIGGER append_only ON lead_ledger"),
    Fault("leads-are-found-by-what-they-are-known-by", known + "DELETE FROM lead_identities"),
    Fault(
      "leads-are-found-by-what-they-are-known-by",
      known + """
        INSERT INTO lead_pool (email) VALUES ('grace@example.com')
        """),
    Fault(
      "identities-have-their-leads",
      "INSERT INTO lead_identities (key, lead_id, kind) VALUES (uuid_v7(), uuid_v7(), 'email')"),
    Fault(
      "identities-have-their-leads",
      known + """
        ALTER TABLE lead_identities DROP CONSTRAINT lead_identities_pkey;
        INSERT INTO lead_identities SELECT * FROM lead_identities
        """),
    Fault(
      "identities-have-their-leads",
      known + """
        INSERT INTO lead_pool DEFAULT VALUES;
        UPDATE lead_pool SET merged_into_id = (
          SELECT id FROM lead_pool WHERE email IS NULL AND erased_at IS NULL ORDER BY id DESC LIMIT 1)
        WHERE email = 'grace@example.com'
        """),
    Fault(
      "merged-leads-have-nothing",
      known + """
        INSERT INTO lead_assignments (lead_id, client_id, claims_company)
        SELECT p.id, c.id, false FROM lead_pool p CROSS JOIN clients c
        WHERE c.company_name = 'First' AND p.email = 'grace@example.com';
        INSERT INTO lead_pool DEFAULT VALUES;
        UPDATE lead_pool SET merged_into_id = (
          SELECT id FROM lead_pool WHERE email IS NULL AND erased_at IS NULL ORDER BY id DESC LIMIT 1)
        WHERE email = 'grace@example.com'
        """),
    Fault(
      "placeholders-are-no-addresses",
      """
      ALTER TABLE lead_pool DROP CONSTRAINT lead_pool_no_placeholder;
      INSERT INTO lead_pool (email) VALUES ('email_not_unlocked@domain.com')
      """),
  ]

  /// A lead that is known. Triggers do not fire where faults are planted.
  private static let known = """
    INSERT INTO lead_pool (email) VALUES ('grace@example.com');
    INSERT INTO lead_identities (key, lead_id, kind)
    SELECT contact_key('email', p.email, s.salt), p.id, 'email' FROM lead_pool p CROSS JOIN contact_salt s
    WHERE p.email = 'grace@example.com';

    """
}
