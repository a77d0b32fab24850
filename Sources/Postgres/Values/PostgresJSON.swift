/// JSON as text: bound as `jsonb`, read from `json` and `jsonb`.
public struct PostgresJSON: Hashable, Sendable, PostgresEncodable, PostgresDecodable {
  public var text: String

  public init(text: String) { self.text = text }

  public static var postgresType: PostgresType { .jsonb }

  /// The binary form of `jsonb` is a version, 1, and the text.
  public func encode(into bytes: inout [UInt8]) {
    bytes.append(1)
    bytes.append(contentsOf: text.utf8)
  }

  public init(from cell: PostgresCell) throws(PostgresDecodingError) {
    let bytes = try cell.binary(expected: "jsonb")
    if cell.type == PostgresType.jsonb.oid, bytes.first == 1 {
      text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    } else if cell.type == PostgresType.json.oid {
      text = String(decoding: bytes, as: UTF8.self)
    } else {
      throw cell.mismatch(expected: "jsonb")
    }
  }
}
