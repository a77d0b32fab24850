import Domain
import Engine
import HTTP
import JSON

/// Forgetting people, and telling them all that is known of them.
struct ErasureRoutes: Sendable {
  let erasures: ErasureService

  func add(to operations: inout Operations) {
    operations.add(
      .post, "/v1/leads/{lead_id}/erase", .manageLeads, body: BodyRule.none, heavy: true, eraseLead)
    operations.add(.post, "/v1/erasures", .manageLeads, heavy: true, eraseAddress)
    operations.add(.get, "/v1/leads/{lead_id}/export", .readLeads, heavy: true, export)
  }

  @Sendable private func eraseLead(_ call: Call) async throws -> Response {
    let id = try call.id("lead_id", of: Lead.self)
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.erased)
    let answered = try await erasures.erase(
      id, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.erased)
  }

  @Sendable private func eraseAddress(_ call: Call) async throws -> Response {
    let wish = try call.request.json { try ErasureWish($0) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.erased)
    let answered = try await erasures.erase(
      wish.address, all: wish.all, actor: call.principal.actor, idempotency: idempotency)
    return try IdempotencyHeader.response(answered, Self.erased)
  }

  @Sendable private static func erased(_ outcome: ErasureService.Outcome) throws(Problem) -> Response {
    switch outcome {
    case .done(let report): return .json(report)
    case .unknownLead: throw .notFound
    case .several(let leads):
      throw Problem(
        .severalLeads, "\(leads.count) leads have this address: erase them one by one, or send all: true.",
        extensions: ["lead_ids": .array(leads.prefix(100).map { .string($0.description) })])
    }
  }

  @Sendable private func export(_ call: Call) async throws -> Response {
    let id = try call.id("lead_id", of: Lead.self)
    guard let export = try await erasures.export(id) else { throw Problem.notFound }
    return .json(export)
  }
}

/// The body of `POST /v1/erasures`: exactly one address.
struct ErasureWish {
  let address: ContactAddress
  let all: Bool

  init(_ object: JSONObjectReader) throws {
    let all = object.optional("all", .bool, default: false)
    let addresses = ContactFields.read(object)
    self.all = try all()
    let given = try addresses()
    guard given.count == 1 else {
      object.refuse("expected exactly one of email, phone, linkedin_url, apollo_id")
      address = ContactAddress(.email, unchecked: "")
      return
    }
    address = given[0]
  }
}

/// Fields that name a person by an address.
enum ContactFields {
  static func read(_ object: JSONObjectReader) -> () throws -> [ContactAddress] {
    let fields = [
      object.nullable("email", .contact(.email)), object.nullable("phone", .contact(.phone)),
      object.nullable("linkedin_url", .contact(.linkedin)), object.nullable("apollo_id", .contact(.apollo)),
    ]
    return { try fields.compactMap { try $0() } }
  }
}

extension JSONShape where Value == ContactAddress {
  static func contact(_ kind: ContactAddress.Kind) -> JSONShape {
    .text(TextShape(kind.expectation) { $0.utf8.count <= 1_000 ? ContactAddress(kind, $0) : nil })
  }
}

extension ErasureService.Report: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("erased_at", erasedAt)
      object.field("lead_ids", leads)
      object.field("suppressions_added", suppressions)
      object.object("rows") { rows in
        for table in ErasureService.Table.allCases {
          rows.field(named: table.rawValue, self.rows[table] ?? 0)
        }
      }
    }
  }
}
