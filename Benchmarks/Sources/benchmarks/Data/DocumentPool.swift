/// The baseline: the phone-number document's own schema and flow, tuned as well as its author could have.
struct DocumentPool: Pool {
  let database: Database
  let dataset: Dataset

  /// The two forms of the flow; the faster one is the baseline.
  enum Flow: String, CaseIterable {
    case statement = "one statement"
    case function = "a function"
  }

  /// Beyond the document: room for updates in place, and `NULLS FIRST` in the index, without which a claim
  /// would sort its whole pool. There is no ledger, no term, no key, no check of what the lead holds.
  func load() throws {
    try database.run(Self.schema)
    try database.run(
      """
      INSERT INTO leads (id, primary_email, first_name, last_name) \(dataset.leadRows);
      INSERT INTO signalwire_phone_numbers
        (vapi_phone_number_id, number, name, assigned_broker_company, assigned_at) \(dataset.numberRows);
      """)
    try settle()
    try requireIndex()
  }

  func refill() throws {
    try database.run(
      """
      UPDATE signalwire_phone_numbers
      SET assignment_status = 'available', currently_assigned_to = NULL, release_at = NULL
      WHERE assignment_status = 'assigned';
      """)
  }

  private static let schema = """
    CREATE TABLE leads (
      id uuid PRIMARY KEY,
      primary_email text,
      first_name text,
      last_name text,
      assigned_phone_number_id varchar(100),
      phone_assigned_at timestamp
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.2);
    CREATE TABLE interactions (
      id uuid NOT NULL DEFAULT gen_random_uuid(),
      lead_id uuid NOT NULL,
      type varchar(50) NOT NULL,
      metadata jsonb NOT NULL,
      created_at timestamp NOT NULL DEFAULT now(),
      PRIMARY KEY (lead_id, created_at, id)
    );
    CREATE TABLE signalwire_phone_numbers (
      vapi_phone_number_id varchar(100) PRIMARY KEY,
      number varchar(20) NOT NULL,
      name varchar(100) NOT NULL,
      assigned_broker_company varchar(200),
      currently_assigned_to uuid REFERENCES leads (id),
      assigned_at timestamp,
      release_at timestamp,
      assignment_status varchar(20) DEFAULT 'available',
      last_call_outcome varchar(50),
      appointment_scheduled_at timestamp,
      status varchar(20) DEFAULT 'active',
      notes text
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
    CREATE INDEX idx_signalwire_pool_assignment ON signalwire_phone_numbers
      (assigned_broker_company, assignment_status, assigned_at NULLS FIRST);
    CREATE FUNCTION assign_number(lead uuid, company text, phone text) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
      chosen record;
    BEGIN
      UPDATE signalwire_phone_numbers n
      SET currently_assigned_to = lead, assigned_at = now(), release_at = now() + interval '18 hours',
        assignment_status = 'assigned'
      WHERE n.vapi_phone_number_id = (\(claim("company")))
      RETURNING n.vapi_phone_number_id, n.number INTO chosen;
      IF NOT FOUND THEN RETURN NULL; END IF;
      UPDATE leads SET assigned_phone_number_id = chosen.vapi_phone_number_id, phone_assigned_at = now()
      WHERE id = lead;
      INSERT INTO interactions (lead_id, type, metadata)
      VALUES (lead, 'email_replied', jsonb_build_object(
        'assigned_phone_number_id', chosen.vapi_phone_number_id,
        'assigned_phone_number', chosen.number, 'customer_phone', phone));
      RETURN chosen.number;
    END $$;
    """

  private static func claim(_ company: String) -> String {
    """
    SELECT vapi_phone_number_id FROM signalwire_phone_numbers
    WHERE assigned_broker_company = \(company) AND assignment_status = 'available'
    ORDER BY assigned_at ASC NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED
    """
  }

  /// The script for pgbench. Each lease answers with its number, as the server's does.
  func script(_ flow: Flow) -> String {
    let variables = """
      \\set lead random(\(Dataset.firstLead), \(Dataset.firstLead + dataset.leads - 1))
      \\set company random(\(Dataset.firstCompany), \(Dataset.firstCompany + Dataset.companies - 1))
      \\set phone random(1000, 9999)

      """
    let lead = "('\(Dataset.idPrefix)' || :lead)::uuid"
    let (company, phone) = ("('Company ' || :company)", "('+1650530' || :phone)")
    switch flow {
    case .function: return variables + "SELECT assign_number(\(lead), \(company), \(phone));\n"
    case .statement: return variables + Self.statement(lead, company, phone)
    }
  }

  private static func statement(_ lead: String, _ company: String, _ phone: String) -> String {
    """
    WITH selected_number AS (
      \(claim(company))),
    assigned AS (
      UPDATE signalwire_phone_numbers n
      SET currently_assigned_to = \(lead), assigned_at = now(), release_at = now() + interval '18 hours',
        assignment_status = 'assigned'
      FROM selected_number s WHERE n.vapi_phone_number_id = s.vapi_phone_number_id
      RETURNING n.vapi_phone_number_id, n.number),
    pointed AS (
      UPDATE leads l SET assigned_phone_number_id = a.vapi_phone_number_id, phone_assigned_at = now()
      FROM assigned a WHERE l.id = \(lead))
    INSERT INTO interactions (lead_id, type, metadata)
    SELECT \(lead), 'email_replied', jsonb_build_object('assigned_phone_number_id', vapi_phone_number_id,
      'assigned_phone_number', number, 'customer_phone', \(phone))
    FROM assigned
    RETURNING metadata->>'assigned_phone_number';

    """
  }

  /// A baseline that sorts or scans would be a straw man.
  private func requireIndex() throws {
    let plan = try database.run("EXPLAIN \(Self.claim("'Company \(Dataset.firstCompany)'"))")
    guard plan.contains("Index Scan using idx_signalwire_pool_assignment"), !plan.contains("Sort") else {
      throw Failure("the baseline's claim does not use its index: \(plan)")
    }
  }
}
