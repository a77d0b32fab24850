import Domain
import Engine
import JSON

extension ResourceObservation {
  /// The body of `PATCH /v1/resources/{resource_id}`.
  init(_ object: JSONObjectReader) throws {
    let spf = object.optional("spf_state", .oneOf as JSONShape<DomainAuthentication.State>)
    let dkim = object.optional("dkim_state", .oneOf as JSONShape<DomainAuthentication.State>)
    let dmarc = object.optional("dmarc_state", .oneOf as JSONShape<DomainAuthentication.State>)
    let sent = object.optional("sent_count", .int(sendCounts))
    let bounces = object.optional("bounce_count", .int(sendCounts))
    let complaints = object.optional("complaint_count", .int(sendCounts))
    let reputation = object.optional("reputation_score", .reputation)
    self.init()
    (self.spf, self.dkim, self.dmarc) = (try spf(), try dkim(), try dmarc())
    (self.sent, self.bounces, self.complaints) = (try sent(), try bounces(), try complaints())
    reputationScore = try reputation()
    if self == ResourceObservation() { object.refuse("expected at least one field") }
  }
}

private let sendCounts = 0...1_000_000_000

extension JSONShape where Value == Int {
  static var reputation: JSONShape { .int(Resource.reputations) }
}

extension ResourceAction {
  /// The body of `POST /v1/resources/{resource_id}/quarantine`.
  init(quarantine object: JSONObjectReader) throws {
    let reason = object.required("reason", .oneOf as JSONShape<Quarantine.Reason>)
    let evidence = object.required("evidence", .text(.line(1...2_000)))
    self = .quarantine(try reason(), evidence: try evidence())
  }

  /// The body of `POST /v1/resources/{resource_id}/requalify`.
  init(requalify object: JSONObjectReader) throws {
    let evidence = object.required("evidence", .text(.line(1...2_000)))
    let rewarming = object.optional("rewarming", .bool, default: false)
    self = .requalify(evidence: try evidence(), rewarming: try rewarming())
  }

  /// The body of `POST /v1/resources/{resource_id}/warmup`.
  init(warmup object: JSONObjectReader) throws {
    switch try object.required("action", .oneOf as JSONShape<WarmupStep>)() {
    case .start: self = .startWarmup
    case .complete: self = .completeWarmup
    }
  }
}

private enum WarmupStep: String, CaseIterable, Sendable {
  case start, complete
}
