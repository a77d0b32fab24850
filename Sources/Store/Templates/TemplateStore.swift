import Domain
import Postgres

/// Templates and their versions.
public enum TemplateStore {
  private static let select = """
    SELECT t.id, t.client_id, t.name, t.channel, v.version, v.subject, v.body, v.format, v.variables,
      t.created_at, v.created_at AS changed_at
    FROM templates t
    """

  /// Nil when another template of the client, or of the platform, has the name.
  public static func insert(_ new: Template, in transaction: inout Transaction) throws -> Template? {
    let made = try transaction.execute(
      """
      INSERT INTO templates (id, client_id, name, channel, version, created_at, updated_at)
      VALUES (\(new.id), \(new.clientID), \(new.name), \(new.channel), \(Int32(clamping: new.version)),
        \(new.createdAt), \(new.updatedAt))
      ON CONFLICT ON CONSTRAINT templates_client_and_name_key DO NOTHING
      """)
    guard made == 1 else { return nil }
    add(new, in: &transaction)
    return new
  }

  /// Writes the version that the template now has.
  public static func update(_ changed: Template, in transaction: inout Transaction) {
    transaction.enqueue(
      """
      UPDATE templates SET version = \(Int32(clamping: changed.version)), updated_at = \(changed.updatedAt)
      WHERE id = \(changed.id)
      """, expecting: 1)
    add(changed, in: &transaction)
  }

  private static func add(_ template: Template, in transaction: inout Transaction) {
    let content = template.content
    transaction.enqueue(
      """
      INSERT INTO template_versions (template_id, version, subject, body, format, variables, created_at)
      VALUES (\(template.id), \(Int32(clamping: template.version)), \(content.subject), \(content.body),
        \(content.format), \(content.variables), \(template.updatedAt))
      """, expecting: 1)
  }

  /// - Parameters:
  ///   - version: nil: the latest.
  ///   - client: nil unless the template is this client's.
  public static func find(
    _ id: ID<Template>, version: Int? = nil, of client: ID<Client>?, in transaction: inout Transaction
  ) throws -> Template? {
    try transaction.query(
      """
      \(unescaped: select)
      JOIN template_versions v ON v.template_id = t.id
        AND v.version = coalesce(\(version.map { Int32(clamping: $0) })::integer, t.version)
      WHERE t.id = \(id) AND (\(client)::uuid IS NULL OR t.client_id = \(client))
      """
    ).first.map(template)
  }

  /// The latest version, locked until the end of the transaction.
  public static func lock(
    _ id: ID<Template>, of client: ID<Client>?, in transaction: inout Transaction
  ) throws -> Template? {
    let locked = try transaction.query("SELECT FROM templates WHERE id = \(id) FOR NO KEY UPDATE")
    return locked.isEmpty ? nil : try find(id, of: client, in: &transaction)
  }

  /// The latest versions, in the order of the templates' creation.
  ///
  /// - Parameter client: only this client's; nil: all.
  public static func list(
    of client: ID<Client>?, channel: Channel?, after id: ID<Template>?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [Template] {
    try transaction.query(
      """
      \(unescaped: select)
      JOIN template_versions v ON v.template_id = t.id AND v.version = t.version
      WHERE t.id > \(id ?? ID(high: 0, low: 0)) AND (\(client)::uuid IS NULL OR t.client_id = \(client))
        AND (\(channel)::text IS NULL OR t.channel = \(channel))
      ORDER BY t.id LIMIT \(limit)
      """
    ).map(template)
  }

  private static func template(_ row: Row) throws -> Template {
    Template(
      id: try row.decode("id"), clientID: try row.decode("client_id"), name: try row.decode("name"),
      channel: try row.decode("channel"), version: Int(try row.decode("version", as: Int32.self)),
      content: TemplateContent(
        subject: try row.decode("subject"), body: try row.decode("body"), format: try row.decode("format"),
        variables: try row.decode("variables")),
      createdAt: try row.decode("created_at"), updatedAt: try row.decode("changed_at"))
  }
}

extension TemplateName: StoredAsText {
  var storedText: String { text }
  init(storedText: String) { self.init(unchecked: storedText) }
}

extension TemplateContent.Format: PostgresEncodable, PostgresDecodable {}
