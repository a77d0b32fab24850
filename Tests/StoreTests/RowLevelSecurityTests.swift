import Domain
import Postgres
import TestSupport
import Testing

/// A role with `SET reservoir.client_id` reads its client's rows, and nothing else; it writes nothing.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct RowLevelSecurityTests {
  let pool = PoolFixture(poolSize: 4)

  /// What clients may read of a table, for each table and view of the schema.
  enum Decision {
    /// The rows for which the condition holds, with `$client` for the client.
    case open(String)
    /// All rows, once it is known who asks.
    case shared
    case closed
  }

  static let own = Decision.open("client_id = $client")
  static let decisions: [String: Decision] = [
    "clients": .open("id = $client"), "brokers": .open("id = $client"), "client_resources": own,
    "subscriptions": own, "backorders": own, "alerts": own, "campaigns": own, "campaign_resources": own,
    "campaign_selections": .open("campaign_id IN (SELECT id FROM campaigns WHERE client_id = $client)"),
    "resource_ledger": own, "phone_number_ledger": .open("client_id = $client AND kind <> 'moved'"),
    "resource_pool": .open(
      """
      id IN (SELECT resource_pool_id FROM client_resources
        WHERE client_id = $client AND released_at IS NULL)
      """),
    "signalwire_phone_numbers": .open(
      "assigned_broker_company = (SELECT company_name FROM clients WHERE id = $client)"),
    "pricing_tiers": .shared,
    "leads": .closed, "interactions": .closed, "removed_phone_numbers": .closed, "api_keys": .closed,
    "idempotency_keys": .closed, "idempotency_claims": .closed, "jobs": .closed, "client_logins": .closed,
    "reservoir_migrations": .closed, "campaign_inheritance": .closed,
    "subscription_ledger": own, "payment_events": .closed, "payment_links": .closed, "tier_prices": .closed,
    "purchase_budget": .closed, "purchase_settings": .closed, "resource_orders": .closed,
    "resource_order_values": .closed, "resource_order_ledger": .closed, "buffer_alerts": .closed,
    "permits": own, "resource_usage": .closed, "last_touches": .closed, "permit_ledger": .closed,
    "lead_assignments": own,
    "lead_ledger": .open("client_id = $client AND kind <> 'scored'"), "client_profiles": own,
    "lead_scores": .open(
      """
      client_id = $client AND lead_id IN (SELECT lead_id FROM lead_assignments
        WHERE client_id = $client AND released_at IS NULL)
      """),
    "lead_matching": .closed, "lead_matching_queue": .closed, "lead_plans": .closed,
    "lead_plan_shares": .closed, "lead_plan_entries": .closed,
    "lead_pool": .open(
      "id IN (SELECT lead_id FROM lead_assignments WHERE client_id = $client AND released_at IS NULL)"),
    "contact_salt": .closed, "lead_identities": .closed, "lead_records": .closed,
    "lead_unknown_fields": .closed, "suppressions": .closed,
    "lead_imports": .closed, "lead_import_rows": .closed, "lead_import_keys": .closed,
    "lead_migration_claims": .closed, "lead_migration_ties": .closed, "scout_credits": .closed,
    "lead_conflicts": .closed, "lead_merges": .closed, "lead_changes": .closed,
    "suppression_ledger": .closed, "lead_events": .closed, "sender_days": .closed,
    "templates": own, "lead_daily_figures": .closed, "lead_field_figures": .closed,
    "template_versions": .open("template_id IN (SELECT id FROM templates WHERE client_id = $client)"),
  ]

  struct Relation {
    let name: String
    let isView: Bool
    let isPartition: Bool
    let isSecured: Bool
    let isForced: Bool
    let isReadable: Bool
    let isWritable: Bool
  }

  func relations() async throws -> [Relation] {
    try await pool.database.transaction { transaction in
      try transaction.query(
        """
        SELECT relname::text, relkind = 'v' AS is_view, relispartition,
          CASE WHEN relkind = 'v'
            THEN coalesce(reloptions::text LIKE '%security_invoker=true%', false)
            ELSE relrowsecurity END AS is_secured,
          relforcerowsecurity, has_table_privilege('reservoir_client', oid, 'SELECT') AS is_readable,
          has_table_privilege('reservoir_client', oid,
            'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') AS is_writable
        FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
        ORDER BY relname
        """
      ).map { row in
        Relation(
          name: try row.decode(at: 0), isView: try row.decode(at: 1), isPartition: try row.decode(at: 2),
          isSecured: try row.decode(at: 3), isForced: try row.decode(at: 4),
          isReadable: try row.decode(at: 5),
          isWritable: try row.decode(at: 6))
      }
    }
  }

  @Test func `every table of the schema is open to clients by a policy, or closed`() async throws {
    _ = try await pool.value(
      "SELECT prepare_phone_number_ledger('2026-01-01Z', '2026-02-01Z')", as: Int32.self)
    let relations = try await relations()
    #expect(relations.contains { $0.isPartition && $0.name == "phone_number_ledger_2026_02" })
    for relation in relations {
      #expect(
        relation.isSecured,
        """
        \(relation.name) is not secured: call open_to_clients(table, condition) or close_to_clients(table) \
        in the migration that makes it (a view: WITH (security_invoker = true))
        """)
      #expect(!relation.isForced, "\(relation.name): the server would be affected")
      #expect(!relation.isWritable, "\(relation.name)")
      if relation.isPartition {
        #expect(!relation.isReadable, "\(relation.name): a partition has no policies of its parent")
        continue
      }
      switch Self.decisions[relation.name] {
      case nil: Issue.record("\(relation.name): say in `decisions` here what clients may read of it")
      case .open, .shared: #expect(relation.isReadable, "\(relation.name)")
      case .closed: #expect(!relation.isReadable, "\(relation.name)")
      }
    }
    #expect(Set(relations.map(\.name)).isSuperset(of: Self.decisions.keys))
  }

  /// Two clients that have of everything, and a seat that both share.
  func prepared() async throws -> [ID<Client>] {
    let clients = [try await pool.client("First"), try await pool.client("Second")]
    try await pool.numbers(2, of: "First")
    try await pool.numbers(3, of: "Second", area: "212", prefix: "s")
    try await pool.numbers(1, of: "First", area: "415", prefix: "w")
    try await pool.execute(
      """
      INSERT INTO resource_pool (resource_type, resource_value, max_clients)
      VALUES ('linkedin_seat', 'seat_1', 1), ('linkedin_seat', 'seat_2', 2), ('linkedin_seat', 'seat_3', 1)
      """)
    let leads = try await pool.leads(2)
    for (client, lead) in zip(clients, leads) {
      try await pool.execute(
        """
        INSERT INTO client_resources (client_id, resource_pool_id)
        SELECT \(client), id FROM resource_pool WHERE resource_value = 'seat_2'
        """)
      try await pool.execute(
        """
        INSERT INTO subscriptions (client_id, tier, state, signed_up_on, updated_at)
        VALUES (\(client), 'ignition', 'active', '2026-01-01', reservoir_now())
        """)
      try await pool.execute(
        """
        INSERT INTO backorders (id, client_id, resource_type, wanted, created_at)
        VALUES (uuid_v7(), \(client), 'mailbox', 2, reservoir_now())
        """)
      try await pool.execute(
        """
        INSERT INTO alerts (id, client_id, kind, available, total, raised_at, seen_at)
        VALUES (uuid_v7(), \(client), 'pool_low', 1, 3, reservoir_now(), reservoir_now())
        """)
      try await pool.execute("INSERT INTO campaigns (client_id, name) VALUES (\(client), 'Spring')")
      try await pool.execute(
        """
        INSERT INTO campaign_selections
        SELECT p.id, r.id FROM campaigns p, resource_pool r
        WHERE p.client_id = \(client) AND r.resource_value = 'seat_2'
        """)
      try await pool.execute(
        """
        UPDATE signalwire_phone_numbers SET currently_assigned_to = \(lead)
        WHERE vapi_phone_number_id = \(client == clients[0] ? "n-0" : "s-0")
        """)
      try await pool.execute(
        """
        INSERT INTO api_keys (id, name, role, client_id, prefix, hash, created_at)
        VALUES (uuid_v7(), 'k', 'client', \(client), 'rsv', decode(md5(\(client)::text), 'hex'), now())
        """)
      try await pooledLead(of: client)
      try await permit(of: client)
      try await template(of: client)
    }
    // A seat that the first one had.
    try await pool.execute(
      """
      INSERT INTO client_resources (client_id, resource_pool_id)
      SELECT \(clients[0]), id FROM resource_pool WHERE resource_value = 'seat_3'
      """)
    try await pool.execute(
      """
      UPDATE client_resources a SET released_at = reservoir_now() FROM resource_pool r
      WHERE r.id = a.resource_pool_id AND r.resource_value = 'seat_3'
      """)
    return clients
  }

  func permit(of client: ID<Client>) async throws {
    try await pool.execute(
      """
      INSERT INTO permits (id, client_id, lead_id, channel, resource_id, sender_id, sender, day, issued_at,
        expires_at, daily_limit, used, resets_at)
      SELECT uuid_v7(), \(client), lead_id, 'sms', uuid_v7(), uuid_v7(), '+1', '2026-01-01', now(), now(), 1,
        1, now()
      FROM lead_assignments WHERE client_id = \(client)
      """)
  }

  /// A lead of the pool that is the client's.
  func pooledLead(of client: ID<Client>) async throws {
    try await pool.execute(
      """
      WITH new AS (
        INSERT INTO lead_pool (email) VALUES (\(client)::text || '@example.com') RETURNING id),
      ledger AS (
        INSERT INTO lead_ledger (lead_id, client_id, kind) SELECT id, \(client), 'assigned' FROM new)
      INSERT INTO lead_assignments (lead_id, client_id) SELECT id, \(client) FROM new
      """)
    try await pool.execute("INSERT INTO client_profiles (client_id, version) VALUES (\(client), 1)")
    // Also of a lead that is not its own.
    try await pool.execute(
      """
      INSERT INTO lead_scores (client_id, lead_id, score, tier, data_quality, authority, company_fit, timing,
        risk, profile_version, scored_at)
      SELECT \(client), l.id, 50, 'cool', 8, 25, 10, 0, 7, 1, reservoir_now()
      FROM (
        SELECT lead_id AS id FROM lead_assignments WHERE client_id = \(client)
        UNION ALL SELECT uuid_v7()) AS l
      """)
  }

  func template(of client: ID<Client>) async throws {
    try await pool.execute(
      """
      WITH new AS (
        INSERT INTO templates (client_id, name, channel) VALUES (\(client), 'Intro', 'sms') RETURNING id)
      INSERT INTO template_versions (template_id, version, body, format) SELECT id, 1, 'Hi', 'text' FROM new
      """)
  }

  /// Runs statements as the role, with this setting; the last one's rows as text, or the error's code.
  func asClient(_ setting: String?, _ statements: String...) async throws -> [[String?]] {
    let set = setting.map { "SET reservoir.client_id = '\($0)';" } ?? ""
    return try await Admin.execute(
      "SET ROLE reservoir_client; \(set) \(statements.joined(separator: "; "))", on: TestDatabase.conninfo)
  }

  func refusal(_ setting: String?, _ statement: String) async throws -> String? {
    do {
      _ = try await asClient(setting, statement)
      return nil
    } catch let failure as Admin.Failure { return failure.sqlState }
  }

  @Test func `a client sees exactly its own rows of each table`() async throws {
    let clients = try await prepared()
    for (table, decision) in Self.decisions {
      for client in clients {
        switch decision {
        case .open(let condition):
          let truth =
            "SELECT t::text FROM \(table) t WHERE " + condition.replacing("$client", with: "'\(client)'")
          let wanted = try await Admin.execute(truth, on: TestDatabase.conninfo).map { $0[0] }
          let seen = try await asClient("\(client)", "SELECT t::text FROM \(table) t").map { $0[0] }
          #expect(!wanted.isEmpty, "\(table): a test without rows shows nothing")
          #expect(Set(seen) == Set(wanted) && seen.count == wanted.count, "\(table)")
          let all = try await Admin.value("SELECT count(*) FROM \(table)", on: TestDatabase.conninfo)
          #expect(all != "\(seen.count)", "\(table): nothing was hidden")
        case .shared:
          #expect(try await asClient("\(client)", "SELECT count(*) FROM \(table)") == [["3"]])
        case .closed:
          #expect(try await refusal("\(client)", "SELECT count(*) FROM \(table)") == "42501", "\(table)")
        }
      }
    }
  }

  @Test(arguments: [nil, "", "nobody", "019aa777-0000-7000-8000-000000000000", "'' OR true", "019aa777"])
  func `without a client's id there are no rows, and no error`(setting: String?) async throws {
    _ = try await prepared()
    for (table, decision) in Self.decisions {
      if case .closed = decision { continue }
      let escaped = setting?.replacing("'", with: "''")
      let count = try await asClient(escaped, "SELECT count(*) FROM \(table)")
      // Prices are no client's; an id that is nobody's is an id.
      if case .shared = decision, setting?.count == 36 { continue }
      #expect(count == [["0"]], "\(table)")
    }
  }

  @Test func `a client writes nothing, not even its own`() async throws {
    let client = try await prepared()[0]
    for table in Self.decisions.keys {
      for statement in [
        "DELETE FROM \(table)", "INSERT INTO \(table) DEFAULT VALUES", "TRUNCATE \(table)",
        "LOCK TABLE \(table) IN EXCLUSIVE MODE",
      ] {
        let code = try await refusal("\(client)", statement)
        // Of a view PostgreSQL says first that it is none of the tables that can be written.
        let isOfView = ["brokers", "campaign_inheritance"].contains(table)
        #expect(code == "42501" || (isOfView && ["42809", "55000"].contains(code)), "\(statement)")
      }
    }
    for statement in [
      "UPDATE clients SET company_name = 'x'", "UPDATE resource_pool SET status = 'retired'",
      "UPDATE brokers SET company_name = 'x'", "SELECT FROM clients FOR UPDATE",
      "CREATE TABLE mine (id int)", "SELECT nextval('resource_changes')",
    ] {
      #expect(try await refusal("\(client)", statement) != nil, "\(statement)")
    }
  }

  @Test func `a client may call the functions that only read`() async throws {
    let callable: [String] = try await pool.column(
      """
      SELECT proname::text FROM pg_proc
      WHERE pronamespace = current_schema()::regnamespace AND prorettype <> 'trigger'::regtype
        AND has_function_privilege('reservoir_client', oid, 'EXECUTE')
      """)
    #expect(
      Set(callable) == [
        "reservoir_now", "reservoir_actor", "reservoir_reason", "uuid_v7", "territory_keys",
        "remember_phone_number", "reservoir_client_id", "resting_status",
        "subscription_change_kind", "contact_key", "lead_contact_keys", "lead_suppressions",
        "domain_and_above",
        "search_fold", "search_words", "search_lexemes", "search_query", "lead_search",
        "lead_words", "search_patterns",
      ],
      "a new function that writes is revoked from PUBLIC in its migration; one that only reads is listed here"
    )
    let privileged: [String] = try await pool.column(
      """
      SELECT proname::text FROM pg_proc
      WHERE pronamespace = current_schema()::regnamespace AND prosecdef
      """)
    #expect(privileged == ["reservoir_client_id"])
    let client = try await prepared()[0]
    #expect(try await refusal("\(client)", "SELECT release_expired_phone_numbers()") == "42501")
    #expect(try await refusal("\(client)", "SELECT grant_client_access('reservoir_client')") == "42501")
  }

  @Test func `nobody escapes by tables, functions or settings of his own`() async throws {
    let clients = try await prepared()
    let seen = try await asClient(
      "\(clients[0])",
      """
      CREATE TEMP TABLE client_logins (login text, client_id uuid);
      INSERT INTO client_logins VALUES (session_user, '\(clients[1])');
      CREATE TEMP TABLE clients (id uuid, company_name text);
      INSERT INTO pg_temp.clients VALUES ('\(clients[1])', 'Second');
      SET search_path = pg_temp, public;
      SELECT DISTINCT assigned_broker_company FROM public.signalwire_phone_numbers
      """)
    #expect(seen == [["First"]])
    // A condition of his own sees only rows that are his already.
    let told = try await asClient(
      "\(clients[0])",
      """
      CREATE FUNCTION pg_temp.tell(name text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
        $$ BEGIN IF name <> 'First' THEN RAISE EXCEPTION 'saw %', name; END IF; RETURN true; END $$;
      SELECT company_name FROM clients WHERE pg_temp.tell(company_name)
      """)
    #expect(told == [["First"]])
  }

  @Test func `a login that belongs to a client stays with it, whatever it sets`() async throws {
    let clients = try await prepared()
    try await pool.execute("INSERT INTO client_logins SELECT session_user, \(clients[1])")
    for setting in [nil, "\(clients[0])", "nonsense"] {
      #expect(try await asClient(setting, "SELECT company_name FROM clients") == [["Second"]])
    }
  }

  @Test func `another role gets the same, and loses what it could write`() async throws {
    let client = try await prepared()[0]
    let role = "supabase_\(client)".replacing("-", with: "_")
    try await Admin.execute(
      """
      CREATE ROLE \(role) NOLOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO \(role);
      SELECT grant_client_access('\(role)')
      """, on: TestDatabase.conninfo)
    let statements = "SET ROLE \(role); SET reservoir.client_id = '\(client)'; "
    let seen = try await Admin.execute(
      statements + "SELECT company_name FROM clients", on: TestDatabase.conninfo)
    #expect(seen == [["First"]])
    let hidden = try await Admin.execute(
      statements + "SELECT count(*) FROM api_keys", on: TestDatabase.conninfo)
    #expect(hidden == [["0"]], "closed, though somebody granted it")
    await #expect(throws: Admin.Failure.self) {
      try await Admin.execute(statements + "DELETE FROM campaigns", on: TestDatabase.conninfo)
    }
    try await Admin.execute("DROP OWNED BY \(role); DROP ROLE \(role)", on: TestDatabase.conninfo)
  }

  @Test func `the server's plans know nothing of policies, and a client's use the index`() async throws {
    let client = try await prepared()[0]
    let statement = "EXPLAIN (COSTS OFF) SELECT * FROM resource_ledger WHERE client_id = '\(client)'"
    let server = try await Admin.execute(statement, on: TestDatabase.conninfo).compactMap { $0[0] }
    #expect(!server.isEmpty && !server.contains { $0.contains("reservoir_client_id") })
    for table in [
      "client_resources WHERE released_at IS NULL", "resource_ledger", "campaign_resources", "resource_pool",
    ] {
      let plan = try await asClient(
        "\(client)", "SET enable_seqscan = off; EXPLAIN (COSTS OFF) SELECT * FROM \(table)"
      ).compactMap { $0[0] }
      #expect(plan.contains { $0.contains("Index Cond") }, "\(table): \(plan)")
      #expect(plan.contains { $0.contains("InitPlan") }, "asked once, not for each row")
    }
  }
}
