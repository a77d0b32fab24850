import Domain
import Engine
import JSON
import Store

extension Lead: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in writeMembers(to: &object) }
  }

  fileprivate func writeMembers(to object: inout JSONWriter) {
    object.field("id", id)
    object.field("primary_email", primaryEmail?.text)
    object.field("first_name", firstName)
    object.field("last_name", lastName)
    object.field("assigned_phone_number_id", assignedPhoneNumberID?.text)
    object.field("phone_assigned_at", phoneAssignedAt)
    object.field("created_at", createdAt)
  }
}

extension LeadDetail: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      lead.writeMembers(to: &object)
      object.field("client_id", clientID)
      object.field("bounced_at", pool?.bouncedAt)
      object.field("complained_at", pool?.complainedAt)
      object.field("unsubscribed_at", pool?.unsubscribedAt)
      object.field("merged_into_id", pool?.mergedIntoID)
      object.field("erased_at", pool?.erasedAt)
      object.field("updated_at", pool?.updatedAt ?? lead.createdAt)
      object.field("fields", pool?.facts ?? LeadFacts())
      object.name("provenance")
      object.provenance(pool?.provenance ?? [:])
    }
  }
}

extension JSONWriter {
  /// Source and time of each group of facts.
  mutating func provenance(_ provenance: [LeadFactGroup: Provenance]) {
    object { object in
      for group in LeadFactGroup.allCases {
        guard let known = provenance[group] else { continue }
        object.name(dynamic: group.rawValue)
        object.object { member in
          member.field("source", known.source)
          member.field("at", known.at)
        }
      }
    }
  }
}

extension StoredLeadRecord: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("provider", provider)
      object.field("received_at", receivedAt)
      object.field("taken_at", takenAt)
      object.name("record")
      object.raw(Array(record.utf8))
    }
  }
}

extension NewLead {
  /// The body of `POST /v1/leads`.
  init(_ object: JSONObjectReader) throws {
    let email = object.nullable("primary_email", .text(.emailAddress))
    let firstName = object.nullable("first_name", .text(.line(1...100)))
    let lastName = object.nullable("last_name", .text(.line(1...100)))
    let fields = object.optional("fields", .leadFacts, default: LeadFacts())
    self.init(
      primaryEmail: try email(), firstName: try firstName(), lastName: try lastName(), fields: try fields())
    for (field, isGiven) in [
      (LeadField.email, primaryEmail != nil), (.firstName, self.firstName != nil),
      (.lastName, self.lastName != nil),
    ] where isGiven && self.fields[field] != nil {
      object.refuse("fields", "has \(field) a second time")
    }
  }
}

extension JSONShape where Value == LeadFacts {
  /// An object of fields by their names; normalised, and refused where that is not possible.
  static var leadFacts: JSONShape {
    .object { object in
      var facts = LeadFacts()
      for field in LeadField.all {
        guard let value = try object.nullable(field.name, .any)() else { continue }
        // A text of nothing is no fact.
        if field.kind == .text && FlatRecord.isBlank(value) { continue }
        if field.kind.isWritten(value), let known = FlatRecord.value(value, field.kind) {
          facts[field] = known
        } else {
          object.refuse(field.name, "expected \(field.kind.expectation)")
        }
      }
      let (clean, errors) = facts.normalised()
      for error in errors { object.refuse(error.field, error.detail) }
      return clean
    }
  }
}

extension LeadField.Kind {
  /// Whether the contract writes this kind so: what a file's cells may be, texts of numbers, is no good here.
  fileprivate func isWritten(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.json, _), (.text, .string), (.flag, .bool), (.integer, .int): true
    case (.date, .string(let text)): CivilDate(text) != nil
    case (.number, .int), (.number, .double): true
    case (.texts, .array(let list)): list.allSatisfy { $0.string != nil }
    default: false
    }
  }
}

/// What `GET /v1/leads/{lead_id}/record` answers.
struct LeadRecordList: JSONWritable {
  let data: [StoredLeadRecord]

  func write(to writer: inout JSONWriter) {
    writer.object { $0.field("data", data) }
  }
}
