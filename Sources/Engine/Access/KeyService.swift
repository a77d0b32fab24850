import Crypto
import Domain
import Postgres
import Runtime
import Store

/// A new key in clear, to be shown once. It never gets into a log by accident.
public struct KeySecret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  public let text: String

  public var description: String { "•••" }
  public var debugDescription: String { description }

  /// `rsv_` and 32 random bytes in base64url.
  static func random() -> KeySecret { KeySecret(text: prefix + Base64.encodeURL(randomBytes(32))) }

  static let prefix = "rsv_"
  /// As many of its first characters are stored to recognise it by.
  static let shownLength = 8

  /// Whether the text can be one of ours at all.
  static func isShaped(_ text: String) -> Bool {
    text.utf8.count == prefix.utf8.count + 43 && text.hasPrefix(prefix)
  }
}

/// What a key opens.
public enum KeyScope: Hashable, Sendable {
  case `operator`
  case client(ID<Client>)
  case sender(ID<Client>)

  var role: Role {
    switch self {
    case .operator: .operator
    case .client: .client
    case .sender: .sender
    }
  }

  var clientID: ID<Client>? {
    switch self {
    case .operator: nil
    case .client(let id), .sender(let id): id
    }
  }
}

/// Keys of the HTTP interface, and who stands behind one.
///
/// As a service it hears which keys other servers revoke. Where nothing can be heard (behind a transaction
/// pooler) a revoked key is refused after five seconds at the latest.
public final class KeyService: Service {
  public enum Creation: Hashable, Sendable {
    case created(APIKey, secret: KeySecret)
    case unknownClient
  }

  public let name = "keys"
  private let database: Database
  private let time: any TimeSource
  private let environmentHash: [UInt8]?
  private let cache: KeyCache

  /// - Parameter environmentKey: a key that is accepted as an operator's; nil or empty: none.
  public init(database: Database, time: any TimeSource, environmentKey: String? = nil) {
    self.database = database
    self.time = time
    environmentHash = environmentKey.flatMap { $0.isEmpty ? nil : sha256($0) }
    cache = KeyCache(lifetime: .seconds(5), capacity: 10_000)
  }

  /// - Parameter name: 1 to 200 characters on one line.
  public func create(
    name: String, scope: KeyScope, actor: Actor, idempotency: Idempotency<Creation>? = nil
  ) async throws -> Answered<Creation> {
    let now = time.now
    let secret = KeySecret.random()
    let key = APIKey(
      id: ID(at: now), name: name, prefix: String(secret.text.prefix(KeySecret.shownLength)),
      role: scope.role, clientID: scope.clientID, createdAt: now)
    let hash = sha256(secret.text)
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, now: now, in: &transaction)
      return try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        try KeyStore.insert(key, hash: hash, in: &transaction)
          ? .created(key, secret: secret) : .unknownClient
      }
    }
  }

  /// In the order of their creation, revoked ones too.
  public func list(after id: ID<APIKey>? = nil, limit: Int) async throws -> [APIKey] {
    try await database.transaction(.init(isReadOnly: true)) {
      try KeyStore.list(after: id, limit: limit, in: &$0)
    }
  }

  /// The key as it is now; nil when there is no such key. Revoking again changes nothing.
  public func revoke(_ id: ID<APIKey>, actor: Actor) async throws -> APIKey? {
    let now = time.now
    let key = try await database.transaction { transaction in
      ActorStore.act(as: actor, now: now, in: &transaction)
      return try KeyStore.revoke(id, now: now, in: &transaction)
    }
    cache.forget(id)
    return key
  }

  /// Who calls with this key; nil when nobody may. Answers come from memory for five seconds.
  public func authenticate(_ text: String) async throws -> Principal? {
    guard text.utf8.count <= 512 else { return nil }
    let hash = sha256(text)
    if let environmentHash, equalsInConstantTime(hash, environmentHash) {
      return Principal(keyID: nil, role: .operator, clientID: nil)
    }
    guard KeySecret.isShaped(text) else { return nil }
    let now = time.now
    switch cache.look(hash, now: now) {
    case .known(let principal): return principal
    case .unknown(let version):
      let key = try await database.transaction(.init(isReadOnly: true)) {
        try KeyStore.find(hash: hash, in: &$0)
      }
      let principal = key.flatMap { Principal(keyID: $0.id, role: $0.role, clientID: $0.clientID) }
      cache.keep(principal, for: hash, now: now, version: version)
      return principal
    }
  }

  public func run() async throws {
    for await notification in database.listen(on: KeyStore.revocationChannel) {
      switch notification {
      case .message(let text):
        if let id = ID<APIKey>(text) { cache.forget(id) } else { cache.forgetAll() }
      // Whatever was revoked meanwhile was not heard.
      case .reconnected: cache.forgetAll()
      }
    }
    await untilCancelled()
  }
}
