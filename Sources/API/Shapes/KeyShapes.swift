import Domain
import Engine
import JSON

extension APIKey: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.object { writeFields(to: &$0) } }

  fileprivate func writeFields(to object: inout JSONWriter) {
    object.field("id", id)
    object.field("name", name)
    object.field("role", role.rawValue)
    object.field("client_id", clientID)
    object.field("prefix", prefix)
    object.field("created_at", createdAt)
    object.field("revoked_at", revokedAt)
  }
}

/// A key and its secret, which is shown once: a kept answer has none.
struct NewKeyAnswer: JSONWritable {
  let key: APIKey
  let secret: KeySecret?

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      key.writeFields(to: &object)
      object.field("key", secret?.text)
    }
  }
}

/// The body of `POST /v1/keys`.
struct KeyWish {
  let name: String
  let scope: KeyScope

  init(_ object: JSONObjectReader) throws {
    let name = object.required("name", .text(.line(1...200)))
    let role = object.required("role", .oneOf as JSONShape<Role>)
    let clientID = object.optional("client_id", .id() as JSONShape<ID<Client>>)
    switch (try role(), try clientID()) {
    case (.operator, nil): scope = .operator
    case (.client, let id?): scope = .client(id)
    case (.sender, let id?): scope = .sender(id)
    case (.operator, .some):
      object.refuse("client_id", "not for the role operator")
      throw JSONFault.recorded
    case (.client, nil), (.sender, nil):
      object.refuse("client_id", "required for this role")
      throw JSONFault.recorded
    }
    self.name = try name()
  }
}
