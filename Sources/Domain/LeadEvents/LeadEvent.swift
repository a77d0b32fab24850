/// Something that a provider tells of a contact with a lead.
public struct LeadEvent: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The message came back: for good, or for now.
    case bounced(Bounce)
    case complained
    case unsubscribed(OptOut)
    case replied(ReplyIntent)
    case converted
    case delivered

    /// Without what belongs to it, as in tables and in the API.
    public var name: Name {
      switch self {
      case .bounced: .bounced
      case .complained: .complained
      case .unsubscribed: .unsubscribed
      case .replied: .replied
      case .converted: .converted
      case .delivered: .delivered
      }
    }

    /// What belongs to it: hard or soft, the intent, from whom.
    public var detail: String? {
      switch self {
      case .bounced(let bounce): bounce.rawValue
      case .unsubscribed(let optOut): optOut.rawValue
      case .replied(let intent): intent.rawValue
      case .complained, .converted, .delivered: nil
      }
    }
  }

  public enum Name: String, CaseIterable, Hashable, Sendable {
    case bounced, complained, unsubscribed, replied, converted, delivered
  }

  public enum Bounce: String, CaseIterable, Hashable, Sendable { case hard, soft }

  /// From whom the person wants to hear no more. The lead is the platform's, so that an opt-out is from
  /// everybody unless it says that it is from this client only.
  public enum OptOut: String, CaseIterable, Hashable, Sendable {
    case everybody
    case client
  }

  public var kind: Kind
  public var channel: Channel
  /// Lower-case letters, digits, `-` and `_`: `resend`, `twilio`.
  public var provider: String
  /// What the provider calls the event: the same event again has no effect. 1 to 255 visible characters.
  public var providerEventID: String
  public var occurredAt: Timestamp
  /// The address that was written to or called, if it is known.
  public var address: ContactAddress?

  public init(
    _ kind: Kind, on channel: Channel, provider: String, providerEventID: String, at occurredAt: Timestamp,
    address: ContactAddress? = nil
  ) {
    self.kind = kind
    self.channel = channel
    self.provider = provider
    self.providerEventID = providerEventID
    self.occurredAt = occurredAt
    self.address = address
  }

  /// Clocks differ a little; what is further ahead has not happened.
  public static let patience: Duration = .minutes(5)

  public static func isProvider(_ text: String) -> Bool {
    (1...50).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
          || $0 == UInt8(ascii: "_")
      }
  }

  public static func isEventID(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}

/// What a reply says, as far as somebody has judged it.
public enum ReplyIntent: String, CaseIterable, Hashable, Sendable {
  case positive, neutral, negative
  /// The person wants to hear no more, and says so in a reply.
  case unsubscribe
  /// An automatic answer: nobody has replied.
  case outOfOffice = "out_of_office"
}

extension LeadEvent: CustomStringConvertible, CustomDebugStringConvertible {
  /// The kind only: addresses are personal.
  public var description: String { "\(kind.name.rawValue) event" }
  public var debugDescription: String { description }
}

/// One effect of an event, as it is kept with it and told in the answer.
public enum LeadEventEffect: String, CaseIterable, Hashable, Sendable {
  /// States of the lead.
  case leadBounced = "lead_bounced"
  case leadComplained = "lead_complained"
  case leadUnsubscribed = "lead_unsubscribed"
  /// The client's assignment.
  case replied, converted, contacted
  /// Addresses are suppressed by it, or were for the same reason.
  case suppressed
  /// It counts for the sender's health.
  case counted
  /// The client's assignment had been released: what cannot be so any more stays as it is.
  case assignmentReleased = "assignment_released"
  /// Nobody had the lead at that time.
  case noAssignment = "no_assignment"
}
