/// How a lead is reached.
public enum Channel: String, CaseIterable, Hashable, Sendable {
  case email, linkedin, voice, sms
}

extension ResourceKind {
  /// What it serves: a number calls and sends texts.
  public var channels: [Channel] {
    switch self {
    case .emailDomain, .mailbox: [.email]
    case .phoneNumber: [.voice, .sms]
    case .linkedInSeat: [.linkedin]
    }
  }
}
