import Domain
import Engine
import HTTPClient
import JSON
import Providers
import Testing

@Suite struct `The client of Infraforge` {
  func value(_ name: String) -> ResourceValue { ResourceValue(unchecked: name, kind: .emailDomain) }

  func failure(_ work: () async throws -> Void) async -> ProviderFailure? {
    do {
      try await work()
      return nil
    } catch { return error as? ProviderFailure }
  }

  @Test func `quotes in cents, buys, lists whole names, and renews`() async throws {
    try await withInfraforge { fake in
      let provider = Infraforge(try fake.settings(), agent: HTTPAgent())
      fake.set {
        $0.unavailable = ["gone.com"]
        $0.prices = ["dear.com": 29.991, "plain.com": 1.1, "odd.com": 4.15]
      }
      #expect(try await provider.quote(value("free.com")) == .forSale(cents: 1_400))
      #expect(try await provider.quote(value("dear.com")) == .forSale(cents: 3_000))
      #expect(try await provider.quote(value("plain.com")) == .forSale(cents: 110))
      #expect(try await provider.quote(value("odd.com")) == .forSale(cents: 415))
      #expect(try await provider.quote(value("gone.com")) == .notForSale)
      try await provider.buy([value("free.com"), value("second.co.uk")])
      let held = try await provider.list()
      #expect(held.map(\.value) == ["free.com", "second.co.uk"] && held.allSatisfy { $0.state == .active })
      try await provider.keep(try #require(held[0].providerID))
      #expect(fake.read { $0.renewed } == ["dom_1"])
      #expect(fake.read { $0.contacts } == [FakeInfraforge.contact])
    }
  }

  @Test func `a failure means what it means for a purchase`() async throws {
    try await withInfraforge { fake in
      let provider = Infraforge(try fake.settings(), agent: HTTPAgent())
      fake.set {
        $0.mishaps = [
          .status(400, "call +1 512 555 0100 or ops@example.com"), .status(503, "busy"),
          .tooManyRequests(retryAfter: 7), .silence,
        ]
      }
      let refused = await failure { try await provider.buy([value("a.com")]) }
      #expect(refused?.kind == .refused)
      #expect(refused?.message == "HTTP 400: call [number] or [address]")
      let broken = await failure { try await provider.buy([value("a.com")]) }
      #expect(broken?.kind == .unknown && broken?.message == "HTTP 503: busy")
      let busy = await failure { try await provider.buy([value("a.com")]) }
      #expect(busy?.kind == .unavailable && busy?.retryAfter == .seconds(7))
      let impatient = Infraforge(try fake.settings(timeout: .milliseconds(300)), agent: HTTPAgent())
      let silent = await failure { try await impatient.buy([value("a.com")]) }
      #expect(silent?.kind == .unknown)
      #expect(fake.read { $0.purchases } == [])
    }
  }

  @Test func `who buys is told to the provider, and repeated by no message`() async throws {
    try await withInfraforge { fake in
      fake.set { $0.mishaps = [.status(400, "no Alex Example at 1 Sample Street, 78701 Austin, TX")] }
      let provider = Infraforge(try fake.settings(), agent: HTTPAgent())
      let told = await failure { try await provider.buy([value("a.com")]) }
      #expect(told?.message == "HTTP 400: no *** *** at ***, *** ***, TX")
    }
  }

  @Test func `a wrong key is refused, and stands in no message`() async throws {
    try await withInfraforge { fake in
      let wrong = Infraforge(try fake.settings(key: "another"), agent: HTTPAgent())
      let refused = await failure { _ = try await wrong.list() }
      #expect(refused?.kind == .refused)
      // The fake repeats its own key; a provider that repeats ours is no better.
      fake.set { $0.mishaps = [.status(422, "bad key \(FakeInfraforge.key)")] }
      let right = Infraforge(try fake.settings(), agent: HTTPAgent())
      let told = await failure { try await right.buy([value("a.com")]) }
      #expect(told?.message == "HTTP 422: bad key ***")
    }
  }

  @Test func `a server that is not there is unavailable`() async throws {
    var settings: InfraforgeSettings?
    try await withInfraforge { settings = try $0.settings() }
    let provider = Infraforge(try #require(settings), agent: HTTPAgent())
    let gone = await failure { try await provider.buy([value("a.com")]) }
    #expect(gone?.kind == .unavailable)
  }

  @Test func `the registrant is read strictly`() throws {
    #expect(throws: JSONIssues.self) { try RegistrantContact(json: Array(#"{"firstName":"A"}"#.utf8)) }
    #expect(throws: JSONSyntaxError.self) { try RegistrantContact(json: Array("nobody".utf8)) }
  }
}
