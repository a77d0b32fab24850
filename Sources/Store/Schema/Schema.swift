import Postgres

/// The migrations in the binary, in order. `Tests/StoreTests` prove that the list is the folder.
public enum Schema {
  public static let migrations: [Migration] = [
    Migration(number: 1, name: "foundation", sql: text(PackageResources.m0001_foundation_sql)),
    Migration(number: 2, name: "phone_numbers", sql: text(PackageResources.m0002_phone_numbers_sql)),
    Migration(
      number: 3, name: "phone_number_triggers", sql: text(PackageResources.m0003_phone_number_triggers_sql)),
    Migration(number: 4, name: "resource_pool", sql: text(PackageResources.m0004_resource_pool_sql)),
    Migration(
      number: 5, name: "resource_triggers", sql: text(PackageResources.m0005_resource_triggers_sql),
      formerChecksums: ["c7eca581987a45721a2ce4b251cbbd98d391dec62e227cf3d0bdd9bb6fd989d7"]),
    Migration(number: 6, name: "ledger_months", sql: text(PackageResources.m0006_ledger_months_sql)),
    Migration(number: 7, name: "payment_events", sql: text(PackageResources.m0007_payment_events_sql)),
    Migration(number: 8, name: "resource_orders", sql: text(PackageResources.m0008_resource_orders_sql)),
    Migration(number: 9, name: "campaigns", sql: text(PackageResources.m0009_campaigns_sql)),
    Migration(
      number: 10, name: "row_level_security", sql: text(PackageResources.m0010_row_level_security_sql)),
    Migration(number: 11, name: "counting", sql: text(PackageResources.m0011_counting_sql)),
    Migration(number: 12, name: "number_entries", sql: text(PackageResources.m0012_number_entries_sql)),
    Migration(number: 13, name: "resource_lists", sql: text(PackageResources.m0013_resource_lists_sql)),
    Migration(
      number: 14, name: "subscription_ledger", sql: text(PackageResources.m0014_subscription_ledger_sql)),
    Migration(
      number: 15, name: "lead_pool", sql: text(PackageResources.m0015_lead_pool_sql)),
    Migration(
      number: 16, name: "lead_imports", sql: text(PackageResources.m0016_lead_imports_sql)),
    Migration(
      number: 17, name: "suppressions", sql: text(PackageResources.m0017_suppressions_sql)),
    Migration(
      number: 18, name: "lead_assignment", sql: text(PackageResources.m0018_lead_assignment_sql)),
    Migration(
      number: 19, name: "lead_search", sql: text(PackageResources.m0019_lead_search_sql)),
    Migration(
      number: 20, name: "lead_migration", sql: text(PackageResources.m0020_lead_migration_sql)),
    Migration(number: 21, name: "permits", sql: text(PackageResources.m0021_permits_sql)),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The table that remembers which of them were applied.
  public static let ledgerTable = "reservoir_migrations"
}
