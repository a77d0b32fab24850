import Domain
import Postgres

/// Tables of older platforms, of whatever columns, read as texts.
public enum LeadTableStore {
  public struct Table: Hashable, Sendable {
    /// The name as PostgreSQL quotes it.
    public let name: String
    public let columns: [String]
    /// By what its rows are ordered: the primary key when that is one column, else `ctid`, the place.
    public let key: String
    public let keyType: String
    /// The rows that it is thought to have.
    public let estimate: Int
    /// It is the product's own table of leads.
    public let isLeads: Bool
    /// As expressions that give texts.
    let expressions: [String]
  }

  /// Nil when there is no such table or view, or it cannot be read in pieces.
  ///
  /// - Parameter name: perhaps with its schema.
  public static func find(_ name: String, in transaction: inout Transaction) throws -> Table? {
    guard
      let found = try transaction.query(
        """
        SELECT c.oid::int8, c.oid::regclass::text, c.relkind IN ('r', 'p', 'm') AS is_stored,
          greatest(c.reltuples, 0)::int8, c.oid = to_regclass('leads') AS is_leads,
          (SELECT a.attname::text FROM pg_index i JOIN pg_attribute a
             ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
           WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1)
        FROM pg_class c
        WHERE c.oid = to_regclass(\(name)) AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
        """
      ).first
    else { return nil }
    let oid: Int = try found.decode(at: 0)
    let columns = try transaction.query(
      """
      SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
        (SELECT t.typcategory::text FROM pg_type t WHERE t.oid = a.atttypid)
      FROM pg_attribute a
      WHERE a.attrelid = \(oid)::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
      """)
    let names = try columns.map { try $0.decode(at: 0, as: String.self) }
    let primary: String? = try found.decode(at: 5)
    let isStored: Bool = try found.decode(at: 2)
    guard let key = primary ?? (isStored ? "ctid" : nil) else { return nil }
    let types = try columns.map { try $0.decode(at: 1, as: String.self) }
    return Table(
      name: try found.decode(at: 1), columns: names, key: key,
      keyType: names.firstIndex(of: key).map { types[$0] } ?? "tid", estimate: try found.decode(at: 3),
      isLeads: try found.decode(at: 4) ?? false,
      expressions: try columns.map { row in
        let name = "t." + quoted(try row.decode(at: 0))
        return try row.decode(at: 2, as: String.self) == "A"
          ? "array_to_string(\(name), ';')" : "\(name)::text"
      })
  }

  private static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

  /// A row, with its key.
  public struct Cells: Hashable, Sendable {
    public let key: String
    /// An empty text for null.
    public let cells: [String]
    /// Whether the row's id may become that of a new lead; only of `leads`.
    public let isFree: Bool
  }

  /// In the order of the key. Of `leads` only rows that have no lead of the pool.
  public static func rows(
    of table: Table, after key: String?, limit: Int, in transaction: inout Transaction
  ) throws -> [Cells] {
    let column = table.key == "ctid" ? "t.ctid" : "t." + quoted(table.key)
    let cells = table.expressions.map { "coalesce(\($0), '')" }.joined(separator: ", ")
    let only = table.isLeads ? "t.lead_pool_id IS NULL" : "true"
    let free = table.isLeads ? "NOT EXISTS (SELECT FROM lead_pool p WHERE p.id = t.id)" : "false"
    let position: SQL =
      if let key {
        "\(unescaped: column) > (\(key)::text)::\(unescaped: table.keyType)"
      } else {
        "true"
      }
    let text =
      "SELECT \(column)::text, ARRAY[\(cells)]::text[], \(free) FROM \(table.name) t "
      + "WHERE \(only) AND \(position.text) ORDER BY \(column) LIMIT \(limit)"
    return try transaction.query(SQL(text: text, binds: position.binds)).map {
      Cells(key: try $0.decode(at: 0), cells: try $0.decode(at: 1), isFree: try $0.decode(at: 2))
    }
  }
}
