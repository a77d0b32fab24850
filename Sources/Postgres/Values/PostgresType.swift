/// A type of the database, by the numbers that its catalogue gives to it and to arrays of it.
public struct PostgresType: Hashable, Sendable {
  public let oid: UInt32
  /// 0 when arrays of it are not bound.
  public let arrayOID: UInt32

  public init(oid: UInt32, arrayOID: UInt32) {
    self.oid = oid
    self.arrayOID = arrayOID
  }

  public static let bool = PostgresType(oid: 16, arrayOID: 1000)
  public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
  public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
  public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
  public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
  public static let text = PostgresType(oid: 25, arrayOID: 1009)
  public static let json = PostgresType(oid: 114, arrayOID: 199)
  public static let float4 = PostgresType(oid: 700, arrayOID: 1021)
  public static let float8 = PostgresType(oid: 701, arrayOID: 1022)
  public static let bpchar = PostgresType(oid: 1042, arrayOID: 1014)
  public static let varchar = PostgresType(oid: 1043, arrayOID: 1015)
  public static let date = PostgresType(oid: 1082, arrayOID: 1182)
  public static let time = PostgresType(oid: 1083, arrayOID: 1183)
  public static let timestamp = PostgresType(oid: 1114, arrayOID: 1115)
  public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
  public static let interval = PostgresType(oid: 1186, arrayOID: 1187)
  public static let numeric = PostgresType(oid: 1700, arrayOID: 1231)
  public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
  public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)

  /// Types whose binary form is plain text: text, varchar, bpchar, json, name, "char", unknown, xml.
  static let textual: Set<UInt32> = [25, 1043, 1042, 114, 19, 18, 705, 142]
  /// Where the numbers of types made by users (enums, citext) begin.
  static let firstUserOID: UInt32 = 16_384

  /// The name of a built-in type, for messages.
  static func name(of oid: UInt32) -> String { names[oid] ?? "type \(oid)" }

  private static let names: [UInt32: String] = {
    let scalars: [(PostgresType, String)] = [
      (.bool, "bool"), (.bytea, "bytea"), (.int8, "int8"), (.int2, "int2"), (.int4, "int4"), (.text, "text"),
      (.json, "json"), (.float4, "float4"), (.float8, "float8"), (.bpchar, "bpchar"), (.varchar, "varchar"),
      (.date, "date"), (.time, "time"), (.timestamp, "timestamp"), (.timestamptz, "timestamptz"),
      (.interval, "interval"), (.numeric, "numeric"), (.uuid, "uuid"), (.jsonb, "jsonb"),
    ]
    var names: [UInt32: String] = [
      19: "name", 18: "\"char\"", 705: "unknown", 142: "xml", 26: "oid", 2278: "void",
    ]
    for (type, name) in scalars {
      names[type.oid] = name
      names[type.arrayOID] = name + "[]"
    }
    return names
  }()
}
