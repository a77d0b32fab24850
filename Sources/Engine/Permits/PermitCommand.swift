import Domain

/// The wish of a caller to contact a lead.
public struct PermitCommand: Sendable {
  public var request: PermitRequest
  public var actor: Actor

  public init(_ request: PermitRequest, actor: Actor) {
    self.request = request
    self.actor = actor
  }
}

/// What came of it.
public enum PermitOutcome: Hashable, Sendable {
  case granted(Permit)
  case refused(GateVerdict, facts: GateFacts)
  case unknownClient
  case unknownLead
  /// The client does not have this resource, or not for this channel.
  case unknownResource
  /// No such campaign of the client.
  case unknownCampaign
  case campaignNotActive
}

/// What came of a report about a permit.
public enum PermitReport: Hashable, Sendable {
  case done(Permit)
  /// No such permit, or another client's.
  case unknown
  /// It was void when it was reported: the lead had opted out, bounced or changed hands.
  case void(Permit)
  /// It ended before, in another way.
  case ended(Permit)
}
