import Postgres

/// The migrations in the binary, in order. `Tests/StoreTests` prove that the list is the folder.
public enum Schema {
  public static let migrations: [Migration] = [
    Migration(1, "foundation", PackageResources.m0001_foundation_sql),
    Migration(2, "phone_numbers", PackageResources.m0002_phone_numbers_sql),
    Migration(3, "phone_number_triggers", PackageResources.m0003_phone_number_triggers_sql),
  ]

  /// The table that remembers which of them were applied.
  public static let ledgerTable = "reservoir_migrations"
}
