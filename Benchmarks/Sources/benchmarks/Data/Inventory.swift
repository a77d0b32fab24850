/// Resources of every kind in the proportions of the dominance tier, and clients without any: where sign-ups
/// and lists start from. Both sides of the sign-ups get the same rows.
struct Inventory {
  /// Of a dominance client: domains, mailboxes, phone numbers, seats.
  static let tier = [9, 18, 3, 14]
  static let tierSize = 44

  let resources: Int
  let clients: Int

  /// An SQL expression for the id of client `index`, counted from 0.
  static func clientID(_ index: String) -> String {
    "('\(Dataset.idPrefix)' || (300000000000 + \(index)))::uuid"
  }
  static func clientText(_ index: Int) -> String { "\(Dataset.idPrefix)\(300_000_000_000 + index)" }

  /// How many whole tiers the inventory holds.
  private var tiers: Int { resources / Self.tierSize }

  /// Rows of `resource_pool`: kind, value, a number, age, reputation, and whether one is out of use.
  /// Mailboxes follow their domains.
  var rows: String {
    """
    SELECT resource_type, value, i, now() - make_interval(days => 30 + i % 300) AS created_at,
      i * 7 % 101 AS reputation, i % 997 = 5 AS is_ill
    FROM (
      SELECT 'email_domain' AS resource_type, 'd' || i || '.example.com' AS value, i
      FROM generate_series(0, \(tiers * Self.tier[0]) - 1) AS i
      UNION ALL
      SELECT 'phone_number', '+1' || (2000000000 + i), i
      FROM generate_series(0, \(tiers * Self.tier[2]) - 1) AS i
      UNION ALL
      SELECT 'linkedin_seat', 'seat_' || i, i
      FROM generate_series(0, \(tiers * Self.tier[3]) - 1) AS i) AS all_kinds
    """
  }
}

/// The inventory in our schema.
struct ReservoirInventory {
  let database: Database
  let inventory: Inventory

  /// Triggers are off meanwhile, as in any restore; nothing is measured here.
  func load() throws {
    try database.run(
      """
      SET session_replication_role = replica;
      INSERT INTO clients (id, company_name)
      SELECT \(Inventory.clientID("i")), 'Sign-up ' || i
      FROM generate_series(0, \(inventory.clients) - 1) AS i;
      INSERT INTO resource_pool
        (resource_type, resource_value, created_at, reputation_score, warmup_completed_at, status,
          quarantined_at, quarantine_reason)
      SELECT resource_type, value, created_at, reputation,
        CASE resource_type WHEN 'email_domain' THEN created_at END,
        CASE WHEN is_ill THEN 'quarantined' ELSE 'available' END, CASE WHEN is_ill THEN now() END,
        CASE WHEN is_ill THEN 'manual' END
      FROM (\(inventory.rows)) AS r;
      INSERT INTO resource_pool
        (resource_type, resource_value, created_at, reputation_score, domain_id)
      SELECT 'mailbox', box || '@' || d.resource_value, d.created_at, d.reputation_score, d.id
      FROM resource_pool d CROSS JOIN (VALUES ('jo'), ('kim')) AS boxes (box)
      WHERE d.resource_type = 'email_domain';
      -- The telephone numbers are those that leads lease, in no company's pool yet.
      INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name)
      SELECT 'pn-' || resource_value, resource_value, 'Number'
      FROM resource_pool WHERE resource_type = 'phone_number';
      """)
    try settle()
  }

  /// Nobody has anything any more. Tables that are empty now are not analysed: plans made for no rows at all
  /// would be kept.
  func empty() throws {
    try database.run(
      """
      SET session_replication_role = replica;
      TRUNCATE client_resources, subscriptions, backorders, resource_ledger CASCADE;
      UPDATE signalwire_phone_numbers SET assigned_broker_company = NULL
      WHERE assigned_broker_company IS NOT NULL;
      UPDATE resource_pool SET current_clients = 0, held_clients = 0, status = 'available'
      WHERE current_clients > 0;
      VACUUM (ANALYZE) resource_pool;
      CHECKPOINT;
      """)
  }

  private func settle() throws { try database.run("VACUUM (ANALYZE);\nCHECKPOINT;") }

  func assignments() throws -> Int { try database.count("SELECT count(*) FROM client_resources") }
}

/// The inventory in the document's own tables, with its indexes, and the work of its Python written out: the
/// best resources of each kind are read, then each is assigned and counted, row by row, and committed. Its
/// rows are locked as they are read: without that the Python gives one resource to several clients.
struct DocumentInventory {
  let database: Database
  let inventory: Inventory

  func load() throws {
    try database.run(
      """
      CREATE TABLE clients (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), company_name text NOT NULL);
      CREATE TABLE resource_pool (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), resource_type text NOT NULL,
        resource_value text NOT NULL UNIQUE, resource_name text, max_clients integer DEFAULT 1,
        current_clients integer DEFAULT 0, status text DEFAULT 'available',
        created_at timestamptz DEFAULT now(),
        warmup_started_at timestamptz, warmup_completed_at timestamptz, reputation_score integer DEFAULT 0,
        provider text, provider_id text, updated_at timestamptz DEFAULT now());
      CREATE INDEX idx_resource_pool_type_status ON resource_pool (resource_type, status);
      CREATE INDEX idx_resource_pool_available ON resource_pool (resource_type)
        WHERE status = 'available' AND current_clients < max_clients;
      CREATE TABLE client_resources (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        client_id uuid NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        resource_pool_id uuid NOT NULL REFERENCES resource_pool (id), assigned_at timestamptz DEFAULT now(),
        released_at timestamptz, total_sends integer DEFAULT 0, last_used_at timestamptz,
        CONSTRAINT unique_client_resource UNIQUE (client_id, resource_pool_id));
      CREATE INDEX idx_client_resources_client ON client_resources (client_id) WHERE released_at IS NULL;
      CREATE SEQUENCE sign_ups MINVALUE 0;
      INSERT INTO clients
      SELECT \(Inventory.clientID("i")), 'Sign-up ' || i
      FROM generate_series(0, \(inventory.clients) - 1) AS i;
      INSERT INTO resource_pool (resource_type, resource_value, created_at, reputation_score,
        warmup_completed_at, status)
      SELECT resource_type, value, created_at, reputation,
        CASE resource_type WHEN 'email_domain' THEN created_at END,
        CASE WHEN is_ill THEN 'retired' ELSE 'available' END
      FROM (\(inventory.rows)) AS r;
      INSERT INTO resource_pool (resource_type, resource_value, created_at, reputation_score)
      SELECT 'mailbox', box || '@' || d.resource_value, d.created_at, d.reputation_score
      FROM resource_pool d CROSS JOIN (VALUES ('jo'), ('kim')) AS boxes (box)
      WHERE d.resource_type = 'email_domain';
      VACUUM (ANALYZE);
      CHECKPOINT;
      """)
  }

  func empty() throws {
    try database.run(
      """
      TRUNCATE client_resources;
      SELECT setval('sign_ups', 0, false);
      UPDATE resource_pool SET current_clients = 0, status = 'available' WHERE current_clients > 0;
      VACUUM (ANALYZE) resource_pool;
      CHECKPOINT;
      """)
  }

  func assignments() throws -> Int { try database.count("SELECT count(*) FROM client_resources") }

  /// For pgbench: one sign-up of a dominance client.
  var script: String {
    let kinds = zip(["email_domain", "mailbox", "phone_number", "linkedin_seat"], Inventory.tier)
    var text = "BEGIN;\nSELECT nextval('sign_ups') AS n \\gset\n"
    for (index, (kind, count)) in kinds.enumerated() {
      let names = (1...count).map { "ids[\($0)] AS r\(index)_\($0)" }.joined(separator: ", ")
      text += """
        SELECT \(names) FROM (SELECT array_agg(id) AS ids FROM (
          SELECT id FROM resource_pool
          WHERE resource_type = '\(kind)' AND status = 'available' AND current_clients < max_clients
          ORDER BY (warmup_completed_at IS NOT NULL) DESC, reputation_score DESC, current_clients
          LIMIT \(count) FOR UPDATE SKIP LOCKED) AS best) AS chosen \\gset

        """
    }
    for (index, count) in Inventory.tier.enumerated() {
      for place in 1...count {
        text += """
          INSERT INTO client_resources (client_id, resource_pool_id)
          VALUES (\(Inventory.clientID(":n::bigint")), :r\(index)_\(place)::uuid);
          UPDATE resource_pool SET current_clients = current_clients + 1, status = 'assigned'
          WHERE id = :r\(index)_\(place)::uuid;

          """
      }
    }
    return text + "COMMIT;\n"
  }
}
