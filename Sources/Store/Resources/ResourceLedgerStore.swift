import Domain
import Postgres

/// The history of resources.
public enum ResourceLedgerStore {
  /// One change, newest first in lists.
  public struct Entry: Hashable, Sendable {
    public let at: Timestamp
    /// The order of what happened in one instant; with `at` the place in a list.
    public let change: Int64
    /// `added`, `changed`, `assigned`, `assignment_changed` or `released`.
    public let kind: String
    public let clientID: ID<Client>?
    public let actor: String
    public let reason: String?
    /// What it was after the change: status, clients, places.
    public let status: String?
    public let currentClients: Int64?
    public let heldUntil: Timestamp?
  }

  public struct Place: Hashable, Sendable {
    public let at: Timestamp
    public let change: Int64

    public init(at: Timestamp, change: Int64) {
      self.at = at
      self.change = change
    }
  }

  /// - Parameter client: leaves out what concerns other clients.
  public static func page(
    of resource: ID<Resource>, for client: ID<Client>? = nil, after place: Place?, limit: Int,
    in transaction: inout Transaction
  ) throws -> [Entry] {
    try transaction.query(
      """
      SELECT at, change, kind, client_id, actor, reason, state->>'status' AS status,
        (state->>'current_clients')::bigint AS current_clients,
        (state->>'held_until')::timestamptz AS held_until
      FROM resource_ledger
      WHERE resource_id = \(resource)
        AND (\(client)::uuid IS NULL OR client_id IS NULL OR client_id = \(client))
        AND (\(place?.at)::timestamptz IS NULL OR (at, change) < (\(place?.at), \(place?.change)))
      ORDER BY at DESC, change DESC LIMIT \(limit)
      """
    ).map { row in
      Entry(
        at: try row.decode("at"), change: try row.decode("change"), kind: try row.decode("kind"),
        clientID: try row.decode("client_id"), actor: try row.decode("actor"),
        reason: try row.decode("reason"), status: try row.decode("status"),
        currentClients: try row.decode("current_clients"), heldUntil: try row.decode("held_until"))
    }
  }
}
