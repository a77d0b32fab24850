import Domain
import Engine
import Runtime
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct KeyServiceTests {
  let world = World()

  func keys(environment: String? = nil) -> KeyService {
    KeyService(database: world.database, time: world.clock, environmentKey: environment)
  }

  func create(
    _ keys: KeyService, _ scope: KeyScope = .operator
  ) async throws -> (key: APIKey, secret: String) {
    guard
      case .created(let key, let secret) = try await keys.create(
        name: "test", scope: scope, actor: world.actor
      ).outcome
    else { throw World.Unexpected() }
    return (key, secret.text)
  }

  @Test func `a key opens what it was made for, and only its hash is stored`() async throws {
    let keys = keys()
    let client = try await world.client("First")
    let (key, secret) = try await create(keys, .sender(client.id))
    #expect(secret.hasPrefix("rsv_") && secret.count == 47 && key.prefix == String(secret.prefix(8)))
    let principal = try await keys.authenticate(secret)
    #expect(principal == Principal(keyID: key.id, role: .sender, clientID: client.id))
    #expect(try await keys.authenticate(String(secret.dropLast()) + "!") == nil)
    #expect(try await keys.authenticate("") == nil)
    #expect(try await keys.list(limit: 9) == [key])
    let stored: String? = try await world.pool.value("SELECT api_keys::text FROM api_keys")
    #expect(stored?.contains(String(secret.dropFirst(8))) == false)
  }

  @Test func `a key never shows itself in a text`() async throws {
    guard
      case .created(_, let secret) = try await keys().create(
        name: "test", scope: .operator, actor: world.actor
      ).outcome
    else { throw World.Unexpected() }
    #expect("\(secret)" == "•••" && String(reflecting: secret) == "•••")
  }

  @Test func `a key of an unknown client is refused`() async throws {
    let outcome = try await keys().create(
      name: "x", scope: .client(ID(high: 1, low: 1)), actor: world.actor
    ).outcome
    #expect(outcome == .unknownClient)
  }

  @Test func `a revoked key is refused at once, and revoking again keeps the first instant`() async throws {
    let keys = keys()
    let (key, secret) = try await create(keys)
    #expect(try await keys.authenticate(secret) != nil)
    let revoked = try await keys.revoke(key.id, actor: world.actor)
    #expect(revoked?.revokedAt == world.clock.now)
    #expect(try await keys.authenticate(secret) == nil)
    world.clock.advance(by: .hours(1))
    #expect(try await keys.revoke(key.id, actor: world.actor) == revoked)
    #expect(try await keys.revoke(ID(high: 1, low: 1), actor: world.actor) == nil)
  }

  @Test func `a key that another server revoked is refused after five seconds, unheard`() async throws {
    let (here, there) = (keys(), keys())
    let (key, secret) = try await create(here)
    #expect(try await here.authenticate(secret) != nil)
    _ = try await there.revoke(key.id, actor: world.actor)
    #expect(try await here.authenticate(secret) != nil)
    world.clock.advance(by: .seconds(5))
    #expect(try await here.authenticate(secret) == nil)
  }

  @Test func `a server that listens hears of a revocation elsewhere`() async throws {
    // A limit of the test itself would count how long it waits for its database.
    let deadline = ContinuousClock.now + .seconds(60)
    let (here, there) = (keys(), keys())
    let (key, secret) = try await create(here)
    let life = Task { try await here.run() }
    defer { life.cancel() }
    _ = try await there.revoke(key.id, actor: world.actor)
    // Time stands still, so only what was heard can end this; each look notifies again.
    while try await here.authenticate(secret) != nil {
      try #require(ContinuousClock.now < deadline, "it hears nothing")
      _ = try await there.revoke(key.id, actor: world.actor)
      await Task.yield()
    }
    life.cancel()
    try await life.value
  }

  @Test func `a wrong key is remembered too, until it exists`() async throws {
    let keys = keys()
    let wrong = "rsv_" + String(repeating: "A", count: 43)
    #expect(try await keys.authenticate(wrong) == nil)
    try await world.pool.execute(
      """
      INSERT INTO api_keys (id, name, role, prefix, hash, created_at)
      VALUES (uuid_v7(), 'x', 'operator', 'rsv_AAAA', sha256(\(Array(wrong.utf8))), reservoir_now())
      """)
    #expect(try await keys.authenticate(wrong) == nil)
    world.clock.advance(by: .seconds(5))
    #expect(try await keys.authenticate(wrong) != nil)
  }

  @Test func `the key of the environment is an operator's, whatever its form`() async throws {
    let keys = keys(environment: "open sesame")
    #expect(
      try await keys.authenticate("open sesame") == Principal(keyID: nil, role: .operator, clientID: nil))
    #expect(try await keys.authenticate("open sesamE") == nil)
    #expect(try await self.keys(environment: "").authenticate("") == nil)
  }

  @Test func `a repeated creation shows no second secret and makes no second key`() async throws {
    let keys = keys()
    for expected in [false, true] {
      let once: Idempotency<KeyService.Creation> = world.use("k") { _ in KeptAnswer(status: 201, body: []) }
      let answer = try await keys.create(
        name: "x", scope: .operator, actor: world.actor, idempotency: once)
      #expect((answer == .replayed(KeptAnswer(status: 201, body: []))) == expected)
    }
    #expect(try await keys.list(limit: 9).count == 1)
  }
}
