import Domain

/// Somebody who sells resources, spoken to by a program. A new one implements these few calls; when to call
/// which, what is repeated and what is given up is decided once, for all of them, in `OrderJob`.
///
/// No transaction is open while a provider is called.
public protocol ResourceProvider: Sendable {
  var name: ProviderName { get }
  var kinds: Set<ResourceKind> { get }

  /// Whether it is for sale, and for how much.
  func quote(_ value: ResourceValue) async throws(ProviderFailure) -> ProviderQuote

  /// Buys them. Returning means that the provider has taken the order, not that they are set up.
  func buy(_ values: [ResourceValue]) async throws(ProviderFailure)

  /// All that the provider holds for us.
  func list() async throws(ProviderFailure) -> [ProviderHolding]

  /// Called once before what was bought enters the pool: whatever keeps it from being lost, such as renewing
  /// it by itself. May be repeated.
  func keep(_ providerID: String) async throws(ProviderFailure)
}

public enum ProviderQuote: Hashable, Sendable {
  case forSale(cents: Int)
  case notForSale
}

/// One thing that a provider holds for us.
public struct ProviderHolding: Hashable, Sendable {
  public enum State: Hashable, Sendable {
    /// Bought, being set up.
    case pending
    case active
    /// Lost, or never made.
    case failed(String)
  }

  public let value: String
  public let providerID: String?
  public let state: State

  public init(value: String, providerID: String?, state: State) {
    self.value = value
    self.providerID = providerID
    self.state = state
  }
}

/// Why a call to a provider came to nothing.
public struct ProviderFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable {
    /// The provider said no: repeating would not help.
    case refused
    /// Nothing happened, and it may work later.
    case unavailable
    /// It may have happened: no answer, or one that says nothing.
    case unknown
  }

  public let kind: Kind
  /// Redacted.
  public let message: String
  /// How long the provider asked to wait.
  public let retryAfter: Duration?

  public init(_ kind: Kind, _ message: String, retryAfter: Duration? = nil) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter
  }

  public var description: String { message }
}
