import Domain
import Engine
import HTTP
import JSON

extension Lease: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("term", term)
      object.field("number", number.e164)
      object.field("provider_number_id", providerNumberID.text)
      object.field("company", company.text)
      object.field("client_id", clientID)
      object.field("lead_id", leadID)
      object.field("customer_phone", customerPhone?.e164)
      object.field("leased_at", leasedAt)
      object.field("release_at", releaseAt)
      object.field("appointment_at", appointmentAt)
      object.field("last_outcome", lastOutcome?.rawValue)
      object.field("missed_calls", missedCalls)
      object.field("ended_at", endedAt)
      object.field("end_reason", endReason?.rawValue)
    }
  }
}

/// What a call did to a lease: `{"applied": …, "reason": …, "lease": …}`.
struct LeaseChangeAnswer: JSONWritable {
  let reason: LeaseChange.Unchanged?
  let lease: Lease

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("applied", reason == nil)
      object.field("reason", reason?.rawValue)
      object.field("lease", lease)
    }
  }
}

/// The body of `POST /v1/leases`, without who sends it.
struct LeaseWish {
  let pool: PoolReference
  let leadID: ID<Lead>
  let customerPhone: PhoneNumber?
  let near: Near?

  /// - Parameter own: the caller's own client, which a body without one means.
  init(_ object: JSONObjectReader, own: ID<Client>?) throws {
    let company = object.optional("company", .text(.company))
    let clientID = object.optional("client_id", .id() as JSONShape<ID<Client>>)
    let leadID = object.required("lead_id", .id() as JSONShape<ID<Lead>>)
    let phone = object.nullable("customer_phone", .customerPhone)
    let near = object.nullable("near", .near)
    pool = try Self.pool(object, company(), clientID(), own)
    self.leadID = try leadID()
    customerPhone = try phone() ?? nil
    self.near = try near() ?? nil
  }

  private static func pool(
    _ object: JSONObjectReader, _ company: CompanyName?, _ clientID: ID<Client>?, _ own: ID<Client>?
  ) throws(JSONFault) -> PoolReference {
    switch (company, clientID) {
    case (let company?, nil): return .company(company)
    case (nil, let clientID?): return .client(clientID)
    case (.some, .some): object.refuse("client_id", "not together with company")
    case (nil, nil):
      if let own { return .client(own) }
      object.refuse("company", "required, unless client_id is given")
    }
    throw .recorded
  }
}

extension JSONShape where Value == PhoneNumber? {
  /// A number as people write it; an empty text is none.
  static var customerPhone: JSONShape {
    .text("a phone number, such as +16505300051 or 650-530-0051") { text in
      if text.isEmpty { return .some(nil) }
      return PhoneNumber(recently: text).map { .some($0) }
    }
  }
}

extension JSONShape where Value == Near? {
  /// An area code or a place; an empty text is none.
  static var near: JSONShape {
    .text("an area code or a territory, of at most 100 characters on one line") { text in
      if text.allSatisfy(\.isWhitespace) { return .some(nil) }
      return Near(text).map { .some($0) }
    }
  }
}

/// The body of `POST /v1/leases/{lease_id}/outcome`.
struct OutcomeReport {
  let outcome: CallOutcome
  let term: Int64?

  init(_ object: JSONObjectReader) throws {
    let kind = object.required("outcome", .oneOf as JSONShape<CallOutcome.Kind>)
    let appointment = object.optional("appointment_at", .text(.instant))
    let term = object.optional("term", .term)
    let (named, appointmentAt) = (try kind(), try appointment())
    guard let outcome = CallOutcome(named, appointmentAt: appointmentAt) else {
      object.refuse("appointment_at", named == .booked ? "required" : "only with the outcome booked")
      throw JSONFault.recorded
    }
    self.outcome = outcome
    self.term = try term()
  }
}
