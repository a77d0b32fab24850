import Domain
import Postgres

extension ClientStore {
  /// The names of all clients, to find what somebody may have meant.
  public static func allNames(in transaction: inout Transaction) throws -> [String] {
    try transaction.query("SELECT company_name FROM clients").map { try $0.decode(at: 0) }
  }

  /// The zone that decides the client's local day.
  public static func timeZone(
    of client: ID<Client>, in transaction: inout Transaction
  ) throws -> TimeZoneName {
    try transaction.query("SELECT time_zone FROM clients WHERE id = \(client)").first?.decode(at: 0) ?? .utc
  }
}
