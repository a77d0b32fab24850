import Domain
import Postgres

/// The numbers of the pool, one by one and in lists.
public enum NumberStore {
  private static let source = """
    signalwire_phone_numbers p LEFT JOIN clients c ON c.company_name = p.assigned_broker_company
    """

  /// In the order of their ids.
  public static func list(
    _ filter: NumberFilter, after id: ProviderNumberID?, limit: Int, in transaction: inout Transaction
  ) throws -> [PooledNumber] {
    try transaction.query(
      """
      SELECT \(unescaped: PooledNumber.columns), c.id FROM \(unescaped: source)
      WHERE p.vapi_phone_number_id > \(id?.text ?? "")
        AND (\(filter.company)::text IS NULL OR p.assigned_broker_company = \(filter.company))
        AND (\(filter.clientID)::uuid IS NULL OR p.assigned_broker_company =
          (SELECT company_name FROM clients WHERE id = \(filter.clientID)))
        AND (\(filter.status)::text IS NULL OR p.status = \(filter.status))
        AND (\(filter.assignmentStatus)::text IS NULL OR p.assignment_status = \(filter.assignmentStatus))
        AND (\(filter.areaCode)::text IS NULL OR p.area_code = \(filter.areaCode))
      ORDER BY p.vapi_phone_number_id LIMIT \(limit)
      """
    ).map(number)
  }

  public static func find(
    _ id: ProviderNumberID, in transaction: inout Transaction
  ) throws -> PooledNumber? {
    try transaction.query(
      """
      SELECT \(unescaped: PooledNumber.columns), c.id FROM \(unescaped: source)
      WHERE p.vapi_phone_number_id = \(id)
      """
    ).first.map(number)
  }

  /// Puts the change off to the next statement; the trigger writes a new status into the ledger.
  public static func update(
    _ id: ProviderNumberID, _ change: NumberUpdate, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      UPDATE signalwire_phone_numbers SET status = coalesce(\(change.status), status),
        name = coalesce(\(change.name), name),
        notes = CASE WHEN \(change.notes != nil) THEN \(change.notes ?? nil) ELSE notes END,
        territories = coalesce(\(change.territories), territories)
      WHERE vapi_phone_number_id = \(id)
      """)
  }

  private static func number(_ row: Row) throws -> PooledNumber {
    try PooledNumber(row, clientID: try row.decode(at: 19))
  }
}
