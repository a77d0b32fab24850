import Domain
import JSON

extension PooledNumber: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("provider_number_id", providerNumberID.text)
      object.field("number", number.e164)
      object.field("name", name)
      object.field("company", company?.text)
      object.field("client_id", clientID)
      object.field("status", status.rawValue)
      object.field("assignment_status", assignmentStatus.rawValue)
      object.field("territories", territories)
      object.field("area_code", number.areaCode?.description)
      object.field("notes", notes)
      object.field("last_used_at", assignedAt)
      object.field("last_call_outcome", lastCallOutcome)
      object.field("lease", LeaseSummary(of: self))
    }
  }
}

/// The lease that a number has, as part of the number.
private struct LeaseSummary: JSONWritable {
  let id: ID<Lease>
  let leadID: ID<Lead>
  let leasedAt: Timestamp
  let releaseAt: Timestamp
  let number: PooledNumber

  init?(of number: PooledNumber) {
    guard number.assignmentStatus == .assigned, let id = number.leaseID, let leadID = number.leadID,
      let leasedAt = number.assignedAt, let releaseAt = number.releaseAt
    else { return nil }
    self.id = id
    self.leadID = leadID
    self.leasedAt = leasedAt
    self.releaseAt = releaseAt
    self.number = number
  }

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("term", number.term)
      object.field("lead_id", leadID)
      object.field("leased_at", leasedAt)
      object.field("release_at", releaseAt)
      object.field("appointment_at", number.appointmentAt)
    }
  }
}

extension NumberUpdate {
  /// The body of `PATCH /v1/numbers/{provider_number_id}`.
  init(_ object: JSONObjectReader) throws {
    let status = object.optional("status", .oneOf as JSONShape<PhoneNumberStatus>)
    let name = object.optional("name", .text(.line(1...100)))
    let notes = object.change("notes", .notes)
    let territories = object.optional("territories", .territories)
    self.init(status: try status(), name: try name(), territories: try territories())
    switch try notes() {
    case .keep: break
    case .clear: self.notes = .some(nil)
    case .set(let text): self.notes = .some(text)
    }
    if self == NumberUpdate() { object.refuse("expected at least one field") }
  }
}
