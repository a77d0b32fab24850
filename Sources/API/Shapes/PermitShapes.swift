import Domain
import Engine
import HTTP
import JSON
import Store

extension Permit: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("status", status.rawValue)
      object.field("client_id", clientID)
      object.field("lead_id", leadID)
      object.field("channel", channel.rawValue)
      object.field("resource_id", resourceID)
      object.field("sender_id", senderID)
      object.field("sender", sender)
      object.field("campaign_id", campaignID)
      object.field("day_on", day.description)
      object.field("daily_limit", dailyLimit)
      object.field("used", used)
      object.field("resets_at", resetsAt)
      object.field("issued_at", issuedAt)
      object.field("expires_at", expiresAt)
      object.field("sent_at", sentAt)
      object.field("provider_message_id", providerMessageID)
    }
  }
}

extension PermitRequest {
  /// The body of `POST /v1/permits`, and an item of a batch.
  ///
  /// - Parameter own: the client of the caller's key, who may leave `client_id` out.
  init(_ object: JSONObjectReader, own: ID<Client>?) throws {
    let client = object.nullable("client_id", .id() as JSONShape<ID<Client>>)
    let lead = object.required("lead_id", .id() as JSONShape<ID<Lead>>)
    let channel = object.required("channel", .oneOf as JSONShape<Channel>)
    let resource = object.nullable("resource_id", .id() as JSONShape<ID<Resource>>)
    let campaign = object.nullable("campaign_id", .id() as JSONShape<ID<Campaign>>)
    guard let clientID = try client() ?? own else {
      object.refuse("client_id", "required")
      throw JSONFault.recorded
    }
    self.init(
      clientID: clientID, leadID: try lead(), channel: try channel(), resourceID: try resource(),
      campaignID: try campaign())
  }
}

/// What the gate found: `{"allowed": …, "reasons": […], "next_eligible_at": …, "facts": {…}}`.
public struct GateAnswer: JSONWritable {
  let verdict: GateVerdict
  let facts: GateFacts?
  let permit: Permit?

  /// - Parameters:
  ///   - facts: of a refusal.
  ///   - permit: what would be issued.
  public init(verdict: GateVerdict, facts: GateFacts?, permit: Permit?) {
    self.verdict = verdict
    self.facts = facts
    self.permit = permit
  }

  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("allowed", verdict.isPassed)
      object.name("reasons")
      object.value(JSONValue.array(verdict.reasons.map(\.json)))
      object.field("next_eligible_at", verdict.nextEligibleAt)
      object.name("facts")
      object.value(facts?.json ?? .null)
      object.name("sender")
      if let permit {
        object.object { sender in
          sender.field("resource_id", permit.resourceID)
          sender.field("sender_id", permit.senderID)
          sender.field("sender", permit.sender)
          sender.field("daily_limit", permit.dailyLimit)
          sender.field("used", permit.used - 1)
          sender.field("resets_at", permit.resetsAt)
        }
      } else {
        object.null()
      }
    }
  }
}

extension GateVerdict.Reason {
  var json: JSONValue {
    .object([
      "code": .string(check.rawValue), "detail": .string(check.sentence),
      "until": until.map { .string($0.description) } ?? .null,
    ])
  }
}

extension GateFacts {
  /// What decided, without anything personal.
  var json: JSONValue {
    var members = JSONMap()
    for (name, value) in GateFactsText.members(of: self) { members[name] = value }
    return .object(members)
  }
}

/// The body of `POST /v1/permits/{permit_id}/sent`.
struct SentReport {
  let messageID: String?

  init(_ object: JSONObjectReader) throws {
    messageID = try object.nullable("provider_message_id", .text(.line(1...200)))()
  }
}

extension GateHistoryLine: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("at", at)
      object.field("kind", kind.rawValue)
      object.field("client_id", clientID)
      object.field("channel", channel.rawValue)
      object.field("permit_id", permitID)
      object.field("resource_id", resourceID)
      object.name("reasons")
      object.value(JSONValue.array(reasons.map(\.json)))
      object.name("facts")
      object.value(facts?.json ?? .null)
    }
  }
}
