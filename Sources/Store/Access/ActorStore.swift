import Domain
import Postgres

/// Tells the database who acts, and when.
public enum ActorStore {
  /// For this transaction. Triggers write what changes into the ledger with this actor and this instant.
  ///
  /// - Parameter reason: why, for the ledger of resources.
  public static func act(
    as actor: Actor, because reason: String = "", now: Timestamp, in transaction: inout Transaction
  ) {
    transaction.enqueue(
      """
      SELECT set_config('reservoir.actor', \(actor.text), true),
        set_config('reservoir.now', \(now.description), true),
        set_config('reservoir.reason', \(reason), true)
      """)
  }
}
