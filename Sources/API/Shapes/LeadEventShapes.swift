import Domain
import Engine
import HTTP
import JSON
import Store

extension LeadEventService.Report {
  /// One of `events` in the body of `POST /v1/lead-events`.
  init(_ object: JSONObjectReader) throws {
    let name = object.required("kind", .oneOf as JSONShape<LeadEvent.Name>)
    let channel = object.required("channel", .oneOf as JSONShape<Channel>)
    let provider = object.required("provider", .text(.eventProvider))
    let eventID = object.required("provider_event_id", .text(.eventID))
    let occurredAt = object.required("occurred_at", .text(.instant))
    let lead = object.nullable("lead_id", .id() as JSONShape<ID<Lead>>)
    let addresses = ContactFields.read(object)
    let client = object.nullable("client_id", .id() as JSONShape<ID<Client>>)
    let sender = object.nullable("resource", .text(.line(1...320)))
    let bounce = object.nullable("bounce", .oneOf as JSONShape<LeadEvent.Bounce>)
    let intent = object.nullable("intent", .oneOf as JSONShape<ReplyIntent>)
    let scope = object.nullable("scope", .oneOf as JSONShape<LeadEvent.OptOut>)
    let given = try addresses()
    var event = LeadEvent(
      Self.kind(
        try name(), bounce: try bounce(), intent: try intent(), scope: try scope(), object),
      on: try channel(), provider: try provider(), providerEventID: try eventID(), at: try occurredAt())
    event.address = given.first
    let leadID = try lead()
    if given.count > 1 { object.refuse("expected one of email, phone, linkedin_url, apollo_id") }
    if leadID == nil, given.isEmpty {
      object.refuse("lead_id", "required, unless email, phone, linkedin_url or apollo_id says who it is")
    }
    self.init(
      event, leadID: leadID ?? (given.isEmpty ? ID(high: 0, low: 0) : nil), clientID: try client(),
      sender: try sender().map { text in ID<Resource>(text).map { .id($0) } ?? .value(text) })
  }

  /// What belongs to one kind stands with no other.
  private static func kind(
    _ name: LeadEvent.Name, bounce: LeadEvent.Bounce?, intent: ReplyIntent?, scope: LeadEvent.OptOut?,
    _ object: JSONObjectReader
  ) -> LeadEvent.Kind {
    func only(_ key: String, _ isGiven: Bool, with owner: LeadEvent.Name, isRequired: Bool) {
      if isGiven, name != owner { object.refuse(key, "only with kind \(owner.rawValue)") }
      if !isGiven, isRequired, name == owner { object.refuse(key, "required with kind \(owner.rawValue)") }
    }
    only("bounce", bounce != nil, with: .bounced, isRequired: true)
    only("intent", intent != nil, with: .replied, isRequired: true)
    only("scope", scope != nil, with: .unsubscribed, isRequired: false)
    return switch name {
    case .bounced: .bounced(bounce ?? .hard)
    case .complained: .complained
    case .unsubscribed: .unsubscribed(scope ?? .everybody)
    case .replied: .replied(intent ?? .neutral)
    case .converted: .converted
    case .delivered: .delivered
    }
  }
}

extension TextShape where Value == String {
  static var eventProvider: TextShape {
    TextShape("1 to 50 lower-case letters, digits, hyphens or underscores") {
      LeadEvent.isProvider($0) ? $0 : nil
    }
  }

  static var eventID: TextShape {
    TextShape("1 to 255 visible ASCII characters") { LeadEvent.isEventID($0) ? $0 : nil }
  }
}

extension LeadEventService.Verdict {
  public var name: String {
    switch self {
    case .applied: "applied"
    case .repeated: "repeated"
    case .unknownLead: "unknown_lead"
    case .unknownClient: "unknown_client"
    case .unknownSender: "unknown_resource"
    case .eventIDReused: "event_id_reused"
    case .inFuture: "in_future"
    }
  }

  public var record: LeadEventStore.Record? {
    switch self {
    case .applied(let record), .repeated(let record): record
    case .unknownLead, .unknownClient, .unknownSender, .eventIDReused, .inFuture: nil
    }
  }

  public var detail: String? {
    switch self {
    case .applied, .repeated: nil
    case .unknownLead: "nobody is known by this"
    case .unknownClient: "there is no such client"
    case .unknownSender: "there is no such resource"
    case .eventIDReused: "another event was told under this provider_event_id"
    case .inFuture: "it has not happened yet"
    }
  }
}

extension LeadEventService.Verdict: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("verdict", name)
      object.field("event_id", record?.id)
      object.field("lead_id", record?.leadID)
      object.field("client_id", record?.clientID)
      object.field("effects", (record?.effects ?? []).map(\.rawValue))
      object.field("detail", detail)
    }
  }
}
