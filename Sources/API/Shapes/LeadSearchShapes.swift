import Domain
import Engine
import HTTP
import JSON

/// The body of `POST /v1/leads/search`.
struct LeadSearchRequest {
  let query: LeadQuery
  let fields: [LeadField]
  let limit: Int
  let place: ID<Lead>?
  let wantsCount: Bool

  private static let list = "lead_search"

  init(_ object: JSONObjectReader) throws {
    let query = LeadQuery.reading(object)
    let fields = object.optional(
      "fields", .array(of: .text(.leadField), 0...LeadField.all.count), default: [])
    let limit = object.optional("limit", .int(1...1_000), default: 50)
    let place = object.nullable("cursor", .text(Self.place))
    let wantsCount = object.optional("count", .bool, default: false)
    self.query = try query()
    self.fields = try fields()
    self.limit = try limit()
    self.place = try place() ?? nil
    self.wantsCount = try wantsCount()
  }

  static func cursor(after id: ID<Lead>) -> String { Cursor(list: list, key: [id.description]).text }

  /// An empty cursor means the first page, as in lists.
  private static var place: TextShape<ID<Lead>?> {
    TextShape("a cursor of a search") { text in
      if text.isEmpty { return .some(nil) }
      guard let cursor = Cursor(text), cursor.list == list, cursor.key.count == 1,
        let id = ID<Lead>(cursor.key[0])
      else { return nil }
      return id
    }
  }
}

extension LeadQuery {
  /// The members of a search, which may stand beside others.
  static func reading(_ object: JSONObjectReader) -> () throws -> LeadQuery {
    let conditions = object.optional(
      "where", .array(of: .leadConditions, 0...LeadQuery.mostConditions), default: [])
    let text = object.optional("text", .text(.searchWords))
    let isAssigned = object.optional("is_assigned", .bool)
    let client = object.optional("client_id", .id() as JSONShape<ID<Client>>)
    let score = scores(object)
    let states = object.optional("include", .array(of: .oneOf as JSONShape<State>, 0...5), default: [])
    let sources = object.optional("sources", .array(of: .leadSource, 0...20), default: [])
    let created = Span.reading(object, "created_from", "created_before")
    let updated = Span.reading(object, "updated_from", "updated_before")
    let order = object.optional("order", .oneOf as JSONShape<Order>, default: .newest)
    return {
      let (isAssigned, client) = (try isAssigned(), try client())
      if isAssigned == false, client != nil {
        object.refuse("is_assigned", "a lead of client_id is assigned: leave one of them out")
      }
      return LeadQuery(
        conditions: try conditions().flatMap { $0 }, text: try text(), isAssigned: isAssigned,
        clientID: client, score: try score(), included: Set(try states()), sources: try sources(),
        created: try created(), updated: try updated(), order: try order())
    }
  }
}

extension LeadQuery {
  private static func scores(_ object: JSONObjectReader) -> () throws -> ClosedRange<Int>? {
    let least = object.optional("score_min", .int(0...100))
    let most = object.optional("score_max", .int(0...100))
    return {
      let (least, most) = (try least(), try most())
      guard least != nil || most != nil else { return nil }
      guard least ?? 0 <= most ?? 100 else {
        object.refuse("score_max", "expected not less than score_min")
        return nil
      }
      return (least ?? 0)...(most ?? 100)
    }
  }
}

extension LeadQuery.Span {
  fileprivate static func reading(
    _ object: JSONObjectReader, _ from: String, _ before: String
  ) -> () throws -> LeadQuery.Span {
    let start = object.optional(from, .text(.instant))
    let end = object.optional(before, .text(.instant))
    return { LeadQuery.Span(from: try start(), before: try end()) }
  }
}

extension TextShape where Value == LeadField {
  static var leadField: TextShape { TextShape("the name of a lead's field") { LeadField(named: $0) } }
}

extension TextShape where Value == String {
  /// What may be looked for: at least one letter or digit.
  static var searchWords: TextShape {
    TextShape("1 to \(LeadQuery.longestText) characters with a letter or digit") {
      LeadQuery.isText($0) ? $0 : nil
    }
  }
}

extension JSONShape where Value == LeadQuery.Source {
  static var leadSource: JSONShape {
    .object { object in
      let group = object.required("group", .oneOf as JSONShape<LeadFactGroup>)
      let source = object.required("source", .string(1...100))
      return LeadQuery.Source(try group(), try source())
    }
  }
}

extension JSONShape where Value == [LeadCondition] {
  /// `{"field": "seniority", "any_of": ["vp", "director"]}`: all tests of the object, of one field.
  static var leadConditions: JSONShape {
    .object { object in
      for test in LeadCondition.Operator.allCases { object.knows(test.rawValue) }
      let field = try object.required("field", .text(.leadField))()
      let tests = LeadCondition.Operator.allCases.filter { object.has($0.rawValue) }
      for test in tests where !test.applies(to: field.kind) {
        object.refuse(
          test.rawValue, "a field of the kind \(field.kind.rawValue) takes \(field.kind.operators)")
      }
      if tests.isEmpty { object.refuse("expected one of \(field.kind.operators)") }
      return try tests.filter { $0.applies(to: field.kind) }.compactMap { test in
        LeadCondition(field, try Self.test(test, of: field, in: object))
      }
    }
  }

  private static func test(
    _ test: LeadCondition.Operator, of field: LeadField, in object: JSONObjectReader
  ) throws -> LeadCondition.Test {
    let name = test.rawValue
    let value = JSONShape<LeadValue>.element(of: field.kind)
    let line = JSONShape<String>.string(1...LeadCondition.longestValue)
    let many = 1...LeadCondition.mostValues
    return switch test {
    case .isKnown: .known(try object.required(name, .bool)())
    case .is: .anyOf([.flag(try object.required(name, .bool)())])
    case .anyOf: .anyOf(try object.required(name, .array(of: value, many))())
    case .allOf: .allOf(try object.required(name, .array(of: line, many))())
    case .noneOf: .noneOf(try object.required(name, .array(of: value, many))())
    case .min: .between(try object.required(name, value)(), nil)
    case .max: .between(nil, try object.required(name, value)())
    case .contains: .contains(try object.required(name, line)())
    case .beginsWith: .beginsWith(try object.required(name, line)())
    }
  }
}

extension JSONShape where Value == LeadValue {
  /// A value to compare a field with; of a list: an entry.
  static func element(of kind: LeadField.Kind) -> JSONShape {
    switch kind {
    case .integer: JSONShape<Int>.int().map("a whole number") { .integer($0) }
    case .number: JSONShape<Double>.double().map("a number") { .number($0) }
    case .flag: JSONShape<Bool>.bool.map("true or false") { .flag($0) }
    case .date:
      JSONShape<CivilDate>.text("a date such as 2026-01-31") { CivilDate($0) }.map("a date") { .date($0) }
    case .text, .texts, .json:
      JSONShape<String>.string(1...LeadCondition.longestValue).map("a text") { .text($0) }
    }
  }
}

extension LeadSummary {
  /// - Parameter fields: whose values stand in the member `fields`; empty: there is none.
  public func write(to writer: inout JSONWriter, fields: [LeadField]) {
    writer.object { object in
      object.field("id", id)
      object.field("primary_email", facts.text(.email))
      object.field("email_status", facts.text(.emailStatus))
      object.field("first_name", facts.text(.firstName))
      object.field("last_name", facts.text(.lastName))
      object.field("title", facts.text(.title))
      object.field("seniority", facts.text(.seniority))
      object.field("country", facts.text(.country))
      object.field("company_name", facts.text(.companyName))
      object.field("company_domain", facts.text(.companyDomain))
      object.field("client_id", clientID)
      object.field("states", states.map(\.rawValue))
      object.field("assigned_phone_number_id", assignedPhoneNumberID?.text)
      object.field("phone_assigned_at", phoneAssignedAt)
      object.field("created_at", createdAt)
      object.field("updated_at", updatedAt)
      if !fields.isEmpty {
        object.object("fields") { writer in
          for field in fields { writer.field(named: field.name, facts[field]) }
        }
      }
    }
  }
}
