import Domain
import Engine
import HTTP
import JSON

extension Problem.Kind {
  static let sendRefused = Problem.Kind("send-refused", "The lead must not be contacted now", .conflict)
  static let campaignNotActive = Problem.Kind(
    "campaign-not-active", "The campaign is paused or has ended", .conflict)
  static let permitVoid = Problem.Kind("permit-void", "The permit was void", .conflict)
  static let permitEnded = Problem.Kind("permit-ended", "The permit has ended in another way", .conflict)
}

extension Problem {
  /// 409 with all reasons, in the document's order, and when to ask again.
  static func sendRefused(_ verdict: GateVerdict, _ facts: GateFacts) -> Problem {
    Problem(
      .sendRefused, verdict.reasons.map(\.check.sentence).joined(separator: " "),
      extensions: [
        "reasons": .array(verdict.reasons.map(\.json)),
        "next_eligible_at": verdict.nextEligibleAt.map { .string($0.description) } ?? .null,
        "facts": facts.json,
      ])
  }
}

extension PermitOutcome {
  /// What a caller may know: a client learns nothing of a lead that is not its own.
  func shown(to client: ID<Client>?) -> PermitOutcome {
    guard client != nil, case .refused(_, let facts) = self, !facts.isAssigned else { return self }
    return .refused(.notYours, facts: facts.withoutLead)
  }

  /// The permit, or why there is none.
  func granted(for request: PermitRequest) throws(Problem) -> Permit {
    switch self {
    case .granted(let permit): return permit
    case .refused(let verdict, let facts): throw .sendRefused(verdict, facts)
    case .unknownClient: throw .unknownCompany(.client(request.clientID), similar: [])
    case .unknownLead: throw Problem(.unknownLead)
    case .unknownResource: throw Problem(.resourceNotOwned, "Not for this channel, or not at all.")
    case .unknownCampaign: throw .notFound
    case .campaignNotActive: throw Problem(.campaignNotActive)
    }
  }
}

extension PermitReport {
  /// The answer to a report about a permit.
  @Sendable static func response(_ report: PermitReport) throws(Problem) -> Response {
    switch report {
    case .done(let permit): return .json(permit)
    case .unknown: throw .notFound
    case .void:
      throw Problem(.permitVoid, "The lead opted out, bounced or changed hands before the send was reported.")
    case .ended(let permit):
      throw Problem(.permitEnded, extensions: ["permit_status": .string(permit.status.rawValue)])
    }
  }
}
