import Domain
import Postgres

/// The statement of one page of a list of leases, newest first.
///
/// It is put together from what the filter needs, so that each kind of list is planned by itself and walks an
/// index from the place where the page begins: a page costs the same whatever stands before and behind it.
/// What has ended comes from the ledger. What is live comes from the pool, whose index goes by company: each
/// company is asked for its newest lease, and only those that can have a place on the page for more. An index
/// over all companies would cost every lease another entry.
struct LeasePage: Sendable {
  let filter: LeaseListStore.Filter
  let place: LeaseListStore.Place?
  let limit: Int

  var statement: SQL {
    """
    SELECT \(unescaped: LeaseRow.columns), c.company_name
    FROM (\(self)) AS l JOIN clients c ON c.id = l.client_id
    ORDER BY l.leased_at DESC, l.lease_id DESC LIMIT \(limit)
    """
  }

  /// The live lease of a number `n` of the client `b`, in the form of the ledger's rows.
  fileprivate static let live = """
    n.updated_at AS at, 'leased' AS kind, NULL AS reason, n.vapi_phone_number_id, n.number, n.lease_id,
    n.term, b.id AS client_id, n.currently_assigned_to AS lead_id, n.customer_phone,
    n.assigned_at AS leased_at, n.release_at, n.appointment_scheduled_at AS appointment_at,
    n.last_call_outcome AS last_outcome,
    n.missed_calls
    """
  fileprivate static let ended = """
    at, kind, reason, vapi_phone_number_id, number, lease_id, term, client_id, lead_id, customer_phone,
    leased_at, release_at, appointment_at, last_outcome, missed_calls
    """
}

extension SQL.StringInterpolation {
  fileprivate mutating func appendInterpolation(_ page: LeasePage) {
    if page.filter.state != .ended {
      if page.filter.leadID == nil && page.filter.numberID == nil { walkPools(page) } else { findLive(page) }
    }
    if page.filter.state == .all { appendLiteral(" UNION ALL ") }
    if page.filter.state != .live { walkLedger(page) }
  }

  /// Live leases by company. When the companies are put in the order of their newest leases, the page cannot
  /// reach behind that of the n-th, n being the page's rows.
  private mutating func walkPools(_ page: LeasePage) {
    appendLiteral(
      """
      (WITH newest AS MATERIALIZED (
        SELECT b.id, b.company_name, n.assigned_at
        FROM clients b CROSS JOIN LATERAL (
          SELECT n.assigned_at FROM signalwire_phone_numbers n
          WHERE n.assigned_broker_company = b.company_name AND n.assignment_status = 'assigned'
      """)
    beginLive(page)
    appendLiteral(" ORDER BY n.assigned_at DESC NULLS LAST LIMIT 1) AS n WHERE true")
    require("b.id =", page.filter.clientID)
    appendLiteral("), reach AS (SELECT assigned_at FROM newest ORDER BY assigned_at DESC OFFSET ")
    appendInterpolation(page.limit - 1)
    appendLiteral(
      """
       LIMIT 1)
      SELECT \(LeasePage.live)
      FROM newest AS b CROSS JOIN LATERAL (
        SELECT * FROM signalwire_phone_numbers n
        WHERE n.assigned_broker_company = b.company_name AND n.assignment_status = 'assigned'
          AND n.assigned_at >= coalesce((SELECT assigned_at FROM reach), '-infinity')
      """)
    beginLive(page)
    // In the order of the index and no further, so that no estimate makes sorting look cheaper than stopping.
    appendLiteral(" ORDER BY n.assigned_at DESC NULLS LAST FETCH FIRST ")
    appendInterpolation(page.limit)
    appendLiteral(
      """
       ROWS WITH TIES) AS n
      WHERE b.assigned_at >= coalesce((SELECT assigned_at FROM reach), '-infinity')
      ORDER BY n.assigned_at DESC, n.lease_id DESC LIMIT
      """ + " ")
    appendInterpolation(page.limit)
    appendLiteral(")")
  }

  /// The live leases of a lead or number: a few.
  private mutating func findLive(_ page: LeasePage) {
    appendLiteral(
      """
      SELECT \(LeasePage.live)
      FROM signalwire_phone_numbers n JOIN clients b ON b.company_name = n.assigned_broker_company
      WHERE n.assignment_status = 'assigned'
      """)
    require("b.id =", page.filter.clientID)
    require("n.currently_assigned_to =", page.filter.leadID)
    require("n.vapi_phone_number_id =", page.filter.numberID)
    beginLive(page)
  }

  private mutating func walkLedger(_ page: LeasePage) {
    appendLiteral("(SELECT \(LeasePage.ended) FROM phone_number_ledger WHERE kind = 'ended'")
    require("client_id =", page.filter.clientID)
    require("lead_id =", page.filter.leadID)
    require("vapi_phone_number_id =", page.filter.numberID)
    if let place = page.place { appendInterpolation(place, "leased_at", "lease_id") }
    appendLiteral(" ORDER BY leased_at DESC, lease_id DESC LIMIT ")
    appendInterpolation(page.limit)
    appendLiteral(")")
  }

  private mutating func beginLive(_ page: LeasePage) {
    guard let place = page.place else { return }
    // What the pool's index knows of the place.
    require("n.assigned_at <=", place.leasedAt)
    appendInterpolation(place, "n.assigned_at", "n.lease_id")
  }

  private mutating func appendInterpolation(_ place: LeaseListStore.Place, _ leasedAt: String, _ id: String) {
    appendLiteral(" AND (\(leasedAt), \(id)) < (")
    appendInterpolation(place.leasedAt)
    appendLiteral(", ")
    appendInterpolation(place.id)
    appendLiteral(")")
  }

  /// A condition, if there is a value to compare with.
  private mutating func require<T: PostgresEncodable>(_ comparison: String, _ value: T?) {
    guard let value else { return }
    appendLiteral(" AND \(comparison) ")
    appendInterpolation(value)
  }
}
