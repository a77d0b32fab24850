/// What came of a call that was made from a leased number.
public enum CallOutcome: Hashable, Sendable {
  case booked(appointmentAt: Timestamp)
  /// The appointment was kept.
  case completed
  case noShow
  case cancelled
  case noAnswer, busy, voicemail

  /// The outcome's word, as stored and as in JSON.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case booked, completed
    case noShow = "no_show"
    case cancelled
    case noAnswer = "no_answer"
    case busy, voicemail
  }

  public var kind: Kind {
    switch self {
    case .booked: .booked
    case .completed: .completed
    case .noShow: .noShow
    case .cancelled: .cancelled
    case .noAnswer: .noAnswer
    case .busy: .busy
    case .voicemail: .voicemail
    }
  }

  /// The outcome of that kind; nil when an appointment is given without a booking, or a booking without one.
  public init?(_ kind: Kind, appointmentAt: Timestamp?) {
    switch (kind, appointmentAt) {
    case (.booked, let time?): self = .booked(appointmentAt: time)
    case (.completed, nil): self = .completed
    case (.noShow, nil): self = .noShow
    case (.cancelled, nil): self = .cancelled
    case (.noAnswer, nil): self = .noAnswer
    case (.busy, nil): self = .busy
    case (.voicemail, nil): self = .voicemail
    default: return nil
    }
  }
}
