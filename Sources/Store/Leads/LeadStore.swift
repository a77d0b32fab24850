import Domain
import Postgres

/// The people whom clients contact.
public enum LeadStore {
  private static let columns = """
    id, primary_email, first_name, last_name, assigned_phone_number_id, phone_assigned_at, created_at
    """

  /// The side of a lead of the pool that telephones; one that there is already stays as it is.
  public static func insert(
    _ new: NewLead, id: ID<Lead>, now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      INSERT INTO leads (id, lead_pool_id, primary_email, first_name, last_name, created_at)
      VALUES (\(id), \(id), \(new.primaryEmail), \(new.firstName), \(new.lastName), \(now))
      ON CONFLICT ON CONSTRAINT leads_pkey DO NOTHING
      """)
  }

  public static func find(_ id: ID<Lead>, in transaction: inout Transaction) throws -> Lead? {
    try transaction.query("SELECT \(unescaped: columns) FROM leads WHERE id = \(id)").first.map(lead)
  }

  /// In the order of their ids, which is that of their creation. `email` matches exactly.
  public static func list(
    email: EmailAddress?, after id: ID<Lead>?, limit: Int, in transaction: inout Transaction
  ) throws -> [Lead] {
    let id = id ?? ID(high: 0, low: 0)
    guard let email else {
      return try transaction.query(
        """
        SELECT \(unescaped: columns) FROM leads WHERE id > \(id)
        ORDER BY id LIMIT \(limit)
        """
      ).map(lead)
    }
    return try transaction.query(
      """
      SELECT \(unescaped: columns) FROM leads
      WHERE primary_email = \(email) AND id > \(id)
      ORDER BY id LIMIT \(limit)
      """
    ).map(lead)
  }

  private static func lead(_ row: Row) throws -> Lead {
    Lead(
      id: try row.decode("id"), primaryEmail: try row.decode("primary_email"),
      firstName: try row.decode("first_name"), lastName: try row.decode("last_name"),
      assignedPhoneNumberID: try row.decode("assigned_phone_number_id"),
      phoneAssignedAt: try row.decode("phone_assigned_at"), createdAt: try row.decode("created_at"))
  }
}
