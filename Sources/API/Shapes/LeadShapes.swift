import Domain
import JSON

extension Lead: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("primary_email", primaryEmail?.text)
      object.field("first_name", firstName)
      object.field("last_name", lastName)
      object.field("assigned_phone_number_id", assignedPhoneNumberID?.text)
      object.field("phone_assigned_at", phoneAssignedAt)
      object.field("created_at", createdAt)
    }
  }
}

extension NewLead {
  /// The body of `POST /v1/leads`.
  init(_ object: JSONObjectReader) throws {
    let email = object.nullable("primary_email", .text(.emailAddress))
    let firstName = object.nullable("first_name", .text(.line(1...100)))
    let lastName = object.nullable("last_name", .text(.line(1...100)))
    self.init(primaryEmail: try email(), firstName: try firstName(), lastName: try lastName())
  }
}
