import Postgres
import Store
import TestSupport
import Testing

struct SchemaTests {
  @Test func `the list of migrations is the folder`() throws {
    let folder = try Fixture.names(in: "Sources/Store/Migrations").filter { $0.hasSuffix(".sql") }
    let listed = Schema.migrations.map { migration in
      let digits = String(migration.number)
      return "m" + String(repeating: "0", count: 4 - digits.count) + digits + "_\(migration.name).sql"
    }
    try #require(listed == folder.sorted())
    for (migration, name) in zip(Schema.migrations, listed) {
      #expect(migration.sql == (try Fixture.text("Sources/Store/Migrations/\(name)")))
    }
  }
}
