extension EmailStatus {
  /// What a provider's word means (`facts/providers/apollo.md` §4). A word that nobody knows is no proof of
  /// anything: `unknown`, which is not verified.
  public init(provider word: String) {
    switch word.trimmed.lowercased() {
    case "verified": self = .verified
    case "guessed", "extrapolated": self = .guessed
    case "catch_all", "catch-all", "catchall", "catch all", "accept_all", "accept-all": self = .catchAll
    case "unverified": self = .unverified
    case "bounced": self = .bounced
    case "unavailable": self = .unavailable
    default: self = .unknown
    }
  }

  /// Of an address whose domain may accept everything: then `verified` proves nothing.
  public init(provider word: String, isCatchall: Bool) {
    let status = EmailStatus(provider: word)
    self = status == .verified && isCatchall ? .catchAll : status
  }
}

extension LeadFacts {
  /// What may be expected of mail to the address; nil when there is no address, or nothing is said of it.
  /// The column keeps the provider's word; a domain that accepts everything makes `verified` a `catchAll`.
  public var emailStatus: EmailStatus? {
    guard text(.email) != nil, let word = text(.emailStatus) else { return nil }
    return EmailStatus(provider: word, isCatchall: flag(.emailIsCatchall) == true)
  }
}

extension PoolLead {
  /// As `LeadFacts.emailStatus`.
  public var emailStatus: EmailStatus? { facts.emailStatus }
}

extension EmailAddress {
  /// Whether this is what Apollo writes instead of an address that was not paid for:
  /// `email_not_unlocked@domain.com`.
  public static func isPlaceholder(_ text: String) -> Bool {
    let prefix = "email_not_unlocked@"
    return text.utf8.count > prefix.utf8.count && text.lowercased().hasPrefix(prefix)
  }
}
