extension GateCheck {
  /// What stands against the send, for a person; nothing personal in it.
  public var sentence: String {
    switch self {
    case .bounced: "Mail to the lead bounced for good."
    case .unsubscribed: "The lead asked for no contact, or is suppressed."
    case .emailUnverified: "The lead's email address is not verified."
    case .notAssigned: "The lead is not assigned to this client."
    case .replied: "The lead has replied."
    case .contactedRecently: "The client contacted the lead less than 72 hours ago."
    case .channelCooling: "The client used this channel for the lead less than 168 hours ago."
    case .limitReached: "No resource of the client has room on this channel today."
    case .warmupIncomplete: "The warm-up of the sending domain is incomplete."
    }
  }
}
