import Domain
import Postgres

/// The tenants.
public enum ClientStore {
  /// The name of the constraint by which a taken name is recognised.
  public static let nameConstraint = "clients_company_name_key"

  static let columns = "c.id, c.company_name, c.time_zone, c.low_water_mark, c.created_at"

  /// Nil when another client has the name.
  public static func insert(
    _ new: NewClient, id: ID<Client>, now: Timestamp, in transaction: inout Transaction
  ) throws -> Client? {
    try transaction.query(
      """
      INSERT INTO clients AS c (id, company_name, time_zone, low_water_mark, created_at)
      VALUES (\(id), \(new.companyName), \(new.timeZone), \(Int32(clamping: new.lowWaterMark)), \(now))
      ON CONFLICT ON CONSTRAINT clients_company_name_key DO NOTHING
      RETURNING \(unescaped: columns)
      """
    ).first.map(client(_:))
  }

  /// Makes a client of each name that no client has yet; returns how many. Names are taken in one order, so
  /// that two imports do not wait for each other in a circle.
  public static func createMissing(
    _ names: Set<CompanyName>, now: Timestamp, in transaction: inout Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      INSERT INTO clients (company_name, created_at)
      SELECT name, \(now) FROM unnest(\(Array(names))) AS name
      WHERE NOT EXISTS (SELECT FROM clients WHERE company_name = name)
      ORDER BY name COLLATE "C"
      ON CONFLICT ON CONSTRAINT clients_company_name_key DO NOTHING
      """)
  }

  /// Those of the names that no client has.
  public static func unknown(
    _ names: Set<CompanyName>, in transaction: inout Transaction
  ) throws -> Set<CompanyName> {
    let rows = try transaction.query(
      """
      SELECT name FROM unnest(\(Array(names))) AS name
      WHERE NOT EXISTS (SELECT FROM clients WHERE company_name = name)
      """)
    return Set(try rows.map { try $0.decode("name") })
  }

  /// In the order of their ids, which is that of their creation.
  public static func list(
    only client: ID<Client>?, after id: ID<Client>?, limit: Int, in transaction: inout Transaction
  ) throws -> [Client] {
    try transaction.query(
      """
      SELECT \(unescaped: columns) FROM clients c
      WHERE c.id > \(id ?? ID(high: 0, low: 0)) AND (\(client)::uuid IS NULL OR c.id = \(client))
      ORDER BY c.id LIMIT \(limit)
      """
    ).map(client(_:))
  }

  /// Those of the clients that there are.
  public static func known(
    _ ids: Set<ID<Client>>, in transaction: inout Transaction
  ) throws -> Set<ID<Client>> {
    Set(
      try transaction.query("SELECT id FROM clients WHERE id = ANY (\(ids.sorted()))").map {
        try $0.decode(at: 0)
      })
  }

  public static func find(_ id: ID<Client>, in transaction: inout Transaction) throws -> Client? {
    try transaction.query("SELECT \(unescaped: columns) FROM clients c WHERE c.id = \(id)").first.map(
      client(_:))
  }

  /// Exactly this name.
  public static func find(_ name: CompanyName, in transaction: inout Transaction) throws -> Client? {
    try transaction.query("SELECT \(unescaped: columns) FROM clients c WHERE c.company_name = \(name)")
      .first.map(client(_:))
  }

  /// Names that hints for `wanted` may be chosen from: at most 2,000, those with the same beginning first.
  public static func names(near wanted: String, in transaction: inout Transaction) throws -> [String] {
    let wanted = String(wanted.prefix(200))
    return try transaction.query(
      """
      SELECT company_name FROM clients
      ORDER BY lower(left(company_name, 3)) = lower(left(\(wanted), 3)) DESC,
        abs(length(company_name) - length(\(wanted))), company_name
      LIMIT 2000
      """
    ).map { try $0.decode("company_name") }
  }

  /// Nil when there is no such client. Throws a violation of `nameConstraint` when another one has the name.
  public static func update(
    _ id: ID<Client>, _ change: ClientUpdate, in transaction: inout Transaction
  ) throws -> Client? {
    try transaction.query(
      """
      UPDATE clients AS c SET company_name = coalesce(\(change.companyName), c.company_name),
        time_zone = coalesce(\(change.timeZone), c.time_zone),
        low_water_mark = coalesce(\(change.lowWaterMark.map { Int32(clamping: $0) }), c.low_water_mark)
      WHERE c.id = \(id) RETURNING \(unescaped: columns)
      """
    ).first.map(client(_:))
  }

  static func client(_ row: Row) throws -> Client {
    Client(
      id: try row.decode("id"), companyName: try row.decode("company_name"),
      timeZone: try row.decode("time_zone"),
      lowWaterMark: Int(try row.decode("low_water_mark", as: Int32.self)),
      createdAt: try row.decode("created_at"))
  }
}
