/// Who made a change, as the ledger remembers it.
public struct Actor: Hashable, Sendable {
  public let text: String

  private init(_ text: String) { self.text = text }

  public static func key(_ id: ID<APIKey>) -> Actor { Actor("key:\(id)") }
  /// The key that the environment gives.
  public static let environment = Actor("environment")
  public static let commandLine = Actor("command-line")
  public static func job(_ name: String) -> Actor { Actor("job:" + name) }
  /// What an event of the payment provider brought about.
  public static func payment(_ event: String) -> Actor { Actor("payment:" + event) }
}

extension Principal {
  public var actor: Actor { keyID.map(Actor.key) ?? .environment }
}
