/// An address that must not be contacted: by nobody, or not by one client.
public struct Suppression: Hashable, Sendable {
  public enum Reason: String, CaseIterable, Hashable, Sendable {
    /// Mail to it comes back for good.
    case bounce
    /// The person complained of spam.
    case complaint
    case optOut = "opt_out"
    /// A court, an authority or a lawyer said so.
    case legal
    case manual
    /// The person was forgotten: the key is all that is left.
    case erased

    /// Those that a caller may give; `erased` comes of forgetting only.
    public static let given = allCases.filter { $0 != .erased }
  }

  public let id: ID<Suppression>
  /// Nil: by nobody.
  public let clientID: ID<Client>?
  public let kind: ContactAddress.Kind
  public let key: ContactKey
  /// Normalised; nil for somebody who was forgotten.
  public let value: String?
  public let reason: Reason
  /// Where it comes from: a provider, a list, a person. 1 to 100 characters on one line.
  public let source: String
  /// The lead whose event brought it about.
  public let leadID: ID<Lead>?
  public let createdAt: Timestamp
  /// From when on it no longer counts.
  public var liftedAt: Timestamp?

  public static let sourceLength = 1...100

  public init(
    id: ID<Suppression>, clientID: ID<Client>?, kind: ContactAddress.Kind, key: ContactKey, value: String?,
    reason: Reason, source: String, leadID: ID<Lead>? = nil, createdAt: Timestamp,
    liftedAt: Timestamp? = nil
  ) {
    self.id = id
    self.clientID = clientID
    self.kind = kind
    self.key = key
    self.value = value
    self.reason = reason
    self.source = source
    self.leadID = leadID
    self.createdAt = createdAt
    self.liftedAt = liftedAt
  }
}

extension Suppression: CustomStringConvertible, CustomDebugStringConvertible {
  /// The id only: an address is personal.
  public var description: String { "suppression \(id)" }
  public var debugDescription: String { description }
}

/// An address that is to be suppressed.
public struct NewSuppression: Hashable, Sendable {
  public var address: ContactAddress
  /// Nil: by nobody.
  public var clientID: ID<Client>?
  public var reason: Suppression.Reason
  public var source: String
  public var leadID: ID<Lead>?

  public init(
    _ address: ContactAddress, for clientID: ID<Client>? = nil, because reason: Suppression.Reason,
    source: String = "manual", leadID: ID<Lead>? = nil
  ) {
    precondition(reason != .erased, "who is forgotten leaves a key, not an address")
    self.address = address
    self.clientID = clientID
    self.reason = reason
    self.source = source
    self.leadID = leadID
  }
}

extension Suppression {
  /// What becomes of the wish that it no longer count.
  public enum Lifting: Hashable, Sendable {
    case lifts
    /// It was lifted before; nothing changes.
    case alreadyLifted
    /// Who was forgotten is never contacted again, and legal reasons are the platform's to judge.
    case stays
  }

  /// - Parameter isByClient: whether a client's key asks, rather than an operator.
  public func lifting(byClient isByClient: Bool) -> Lifting {
    if reason == .erased || (reason == .legal && isByClient) { return .stays }
    return liftedAt == nil ? .lifts : .alreadyLifted
  }
}
