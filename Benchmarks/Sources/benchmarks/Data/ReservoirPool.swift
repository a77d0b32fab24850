/// Our side: the schema of the product, as `reservoir serve` has made it.
struct ReservoirPool: Pool {
  let database: Database
  let dataset: Dataset

  /// Loads the starting state. Triggers are off meanwhile, as in any restore; nothing is measured here.
  func load() throws {
    try database.run(
      """
      SET session_replication_role = replica;
      INSERT INTO clients (id, company_name)
      SELECT ('\(Dataset.idPrefix)' || (200000000000 + i))::uuid, 'Company ' || i
      FROM generate_series(\(Dataset.firstCompany), \(Dataset.firstCompany + Dataset.companies) - 1) AS i;
      INSERT INTO leads (id, primary_email, first_name, last_name) \(dataset.leadRows);
      INSERT INTO signalwire_phone_numbers
        (vapi_phone_number_id, number, name, assigned_broker_company, assigned_at) \(dataset.numberRows);
      """)
    try settle()
  }

  // The revision is raised, so that triggers take this for the server's own doing.
  func refill() throws {
    try database.run(
      """
      UPDATE signalwire_phone_numbers
      SET assignment_status = 'available', currently_assigned_to = NULL, release_at = NULL, lease_id = NULL,
        customer_phone = NULL, revision = revision + 1
      WHERE assignment_status = 'assigned';
      UPDATE leads SET assigned_phone_number_id = NULL, phone_assigned_at = NULL,
        recent_phone_number_ids = '{}'
      WHERE recent_phone_number_ids <> '{}' OR assigned_phone_number_id IS NOT NULL;
      """)
  }

  /// Frees every number, then gives `count` of them leases whose time was over two hours ago.
  func expire(_ count: Int) throws {
    try refill()
    try database.run(
      """
      WITH due AS (
        SELECT vapi_phone_number_id, row_number() OVER () AS i FROM (
          SELECT vapi_phone_number_id FROM signalwire_phone_numbers
          ORDER BY vapi_phone_number_id LIMIT \(count)) AS first)
      UPDATE signalwire_phone_numbers n
      SET assignment_status = 'assigned', currently_assigned_to = \(Dataset.leadID("i - 1")),
        assigned_at = now() - interval '20 hours', release_at = now() - interval '2 hours',
        lease_id = gen_random_uuid(), customer_phone = '+16505301234', term = term + 1,
        revision = revision + 1
      FROM due WHERE n.vapi_phone_number_id = due.vapi_phone_number_id;
      UPDATE leads l
      SET assigned_phone_number_id = n.vapi_phone_number_id, phone_assigned_at = n.assigned_at,
        recent_phone_number_ids = ARRAY[n.vapi_phone_number_id]
      FROM signalwire_phone_numbers n WHERE n.currently_assigned_to = l.id;
      """)
    try settle()
  }

  /// What a sweep must do to the table of numbers at the least, and nothing else: no ledger, no lead.
  static let bareUpdate = """
    UPDATE signalwire_phone_numbers
    SET assignment_status = 'available', currently_assigned_to = NULL, release_at = NULL, lease_id = NULL,
      customer_phone = NULL, appointment_scheduled_at = NULL, missed_calls = 0, revision = revision + 1
    WHERE assignment_status = 'assigned' AND release_at <= now();
    """

  /// All that a sweep does, by hand: the numbers, the leads, the ledger.
  static let wholeUpdate = """
    WITH due AS MATERIALIZED (
      SELECT n.*, c.id AS client_id
      FROM signalwire_phone_numbers n JOIN clients c ON c.company_name = n.assigned_broker_company
      WHERE assignment_status = 'assigned' AND release_at <= now()),
    freed AS (
      UPDATE signalwire_phone_numbers n
      SET assignment_status = 'available', currently_assigned_to = NULL, release_at = NULL, lease_id = NULL,
        customer_phone = NULL, appointment_scheduled_at = NULL, missed_calls = 0, revision = n.revision + 1
      FROM due WHERE n.vapi_phone_number_id = due.vapi_phone_number_id),
    pointed AS (
      UPDATE leads l SET assigned_phone_number_id = NULL, phone_assigned_at = NULL
      FROM due WHERE l.id = due.currently_assigned_to)
    INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, client_id, actor,
      reason,
      lease_id, term, lead_id, customer_phone, leased_at, release_at, missed_calls)
    SELECT now(), 'ended', vapi_phone_number_id, number, revision + 1, client_id, 'benchmark', 'expired',
      lease_id, term, currently_assigned_to, customer_phone, assigned_at, release_at, missed_calls
    FROM due;
    """
}
