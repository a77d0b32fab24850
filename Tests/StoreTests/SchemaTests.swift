import Crypto
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

  /// Databases remember these. A mistake in one of them is mended by the next migration, whose line is added.
  static let checksums = [
    "424c501482726c5c2d2c820d4e4e7f00c16a7f8b42a05acbde296dabcddbc1c1",
    "fedaacaabd72d7d7d394f0372484f77a456591e812a9756dc4abba1e6d7407c2",
    "91e78fba018deaade2587fe4cb29afa5af95d200f744349ec404b3f4e45b336e",
    "0a92e1c4addf0332cb6cfcef1fe49e3a9588b75a3e333f43a151e250146e1ac6",
    "c06f389fb0dfe425106ae2cd9303a9a89c47b39a81b54b9c646f10825b22bb11",
    "41af06bd9d74c48a3b2c39b7b44bf4967479160d963a919d66d83e66fcccaa48",
    "4ac892cf96e57c4589f8406e7d6a4dfc5778c9d39a27aa20efdb9f009ff9a872",
    "9bc5a4dce470a4192cc85f148642429e63ad41092c3a048481f32fbaeabe2b1d",
    "05f0e7bbb7a7143b0f890e011833ae669d477173b35941073cca41413afc243a",
    "515b1957ba1c87b557bf049093d9f0ced1817a7185098ecc29173379e911bfa0",
    "b368087c2bb2bdf2a222f7c0cda7bd45f67be682c56508ce197ed616dc723ca2",
    "116f6e4961e6f9d5961b4d26eed69f29cfcfacd7c67462b28654d869d788de83",
    "c13fc977377c3c50b28d7b095abb7e563aa39c30577d4a1afb06bf07a7eceb9e",
    "dee3fbb0130c375227867a4a6d8843d90a7f954756607c1af53093b1b45c5b9f",
    "8efb541efca2fe1790ee622ff6861f4a4d0b8c45ce452c95efeba2d30e23fd3a",
    "529002fa5f91016ca948de5fc412d137314c584bc3ca699934b0baa8f137b3a4",
    "9efcf67c9fa0ff0eac21c86df83a3e50746e25035f499adcce9e6f32e6d2a826",
    "53c53c3da50a22a4bf0ebe0bc730a92c6d0a8e555b48b69b6d14ce986ce580cf",
    "ed5c0e49b644bdb7668ae1431496fa0982fffad73248d31042c081049dabcc60",
    "188ad0e0c56648717aff111e88e12dc121007f9d3450297bf8c3ac60fb0f6b66",
    "dcbb47cb0ee277808174474836821a8e5ce232d00786f67e54739bd0e854987b",
  ]

  @Test func `the text of a migration never changes`() {
    let found = Schema.migrations.map { Hexadecimal.encode(sha256(Array($0.sql.utf8))) }
    #expect(found == Self.checksums)
  }
}
