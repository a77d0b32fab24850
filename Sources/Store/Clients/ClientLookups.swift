import Domain
import Postgres

extension ClientStore {
  /// The zone that decides the client's local day.
  public static func timeZone(
    of client: ID<Client>, in transaction: inout Transaction
  ) throws -> TimeZoneName {
    try transaction.query("SELECT time_zone FROM clients WHERE id = \(client)").first?.decode(at: 0) ?? .utc
  }
}
