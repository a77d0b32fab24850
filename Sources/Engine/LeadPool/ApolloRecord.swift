import Domain
import JSON

/// A person of Apollo's as a record for the pool: `facts/providers/apollo.md` §3.
///
/// Fields are found by `LeadField.apolloPath`. What Apollo says that no field is there for, or says in
/// another type than the field's, stays in the record and is named in `unknownFields`: nothing is lost when
/// Apollo adds something.
public enum ApolloRecord {
  /// Reads `{…}` of a person, or `{"person": {…}}`.
  ///
  /// - Returns: the record, or why nobody can be made of it.
  public static func incoming(
    _ bytes: [UInt8], row: Int, receivedAt: Timestamp, source: String = "apollo"
  ) -> Result<IncomingLead, FieldError> {
    do {
      return try JSON.view(bytes, limits: JSONLimits(depth: 64)) { root in
        let isWrapped = root["person"]?.kind == .object
        let person = (isWrapped ? root["person"] : nil) ?? root
        guard person.kind == .object else {
          return .failure(FieldError(field: "record", detail: "expected an object"))
        }
        let text = isWrapped ? person.text : String(decoding: bytes, as: UTF8.self)
        return incoming(person, text, row: row, receivedAt: receivedAt, source: source)
      }
    } catch let error as JSONSyntaxError {
      return .failure(FieldError(field: "record", detail: "is no JSON: \(error)"))
    } catch {
      return .failure(FieldError(field: "record", detail: "cannot be read"))
    }
  }

  /// As above, of a value that was parsed already.
  public static func incoming(
    _ value: JSONValue, row: Int, receivedAt: Timestamp, source: String = "apollo"
  ) -> Result<IncomingLead, FieldError> {
    incoming(value.bytes(), row: row, receivedAt: receivedAt, source: source)
  }

  private static func incoming(
    _ person: JSONView, _ text: String, row: Int, receivedAt: Timestamp, source: String
  ) -> Result<IncomingLead, FieldError> {
    var reader = ApolloReader()
    reader.read(person)
    let (facts, errors) = reader.facts.normalised(hasParsedPhones: true)
    let paths = errors.map { ApolloReader.path(of: $0.field) + " (not understood)" }
    if let missing = facts.missingIdentity { return .failure(missing) }
    return .success(
      IncomingLead(
        row: row, facts: facts, source: source, asOf: receivedAt, record: text,
        unknownFields: reader.unknown + paths))
  }
}

/// The walk over one person.
private struct ApolloReader {
  var facts = LeadFacts()
  var unknown: [String] = []

  private struct Member {
    let key: String
    let field: LeadField
  }

  private static let person = members(depth: 1, under: nil)
  private static let company = members(depth: 2, under: "organization")

  private static func members(depth: Int, under parent: String?) -> [Member] {
    LeadField.all.compactMap { field in
      guard let path = field.apolloPath, path.count == depth, parent == nil || path[0] == parent,
        let key = path.last
      else { return nil }
      return Member(key: key, field: field)
    }
  }

  /// Where Apollo has a field; a field that follows from others by its name.
  static func path(of name: String) -> String {
    LeadField(named: name)?.apolloPath?.joined(separator: ".") ?? name
  }

  mutating func read(_ object: JSONView) {
    let organization = object["organization"]
    let isObject = organization?.kind == .object
    if let organization, !isObject, !organization.isNull {
      unknown.append("organization (\(organization.kind.rawValue))")
    }
    read(object, Self.person, prefix: "", alsoKnown: organization == nil ? [] : ["organization"])
    if let organization, isObject { read(organization, Self.company, prefix: "organization.", alsoKnown: []) }
    derive(object)
  }

  private mutating func read(
    _ object: JSONView, _ members: [Member], prefix: String, alsoKnown: [String]
  ) {
    var hits = alsoKnown.count
    for member in members {
      guard let value = object[member.key] else { continue }
      hits += 1
      guard !value.isNull else { continue }
      switch Self.value(value, member.field.kind) {
      case .known(let known): facts[member.field] = known
      case .empty: continue
      case .otherType: unknown.append("\(prefix)\(member.key) (\(value.kind.rawValue))")
      }
    }
    guard hits < object.count else { return }
    let known = Set(members.map(\.key) + alsoKnown)
    object.forEachMember { key, _ in
      if !known.contains(key) { unknown.append(prefix + Self.printable(key)) }
    }
  }

  /// A key goes into a table of counts: short, and nothing that a line cannot hold.
  private static func printable(_ key: String) -> String {
    String(
      String.UnicodeScalarView(
        key.unicodeScalars.prefix(100).filter { $0.properties.generalCategory != .control }))
  }

  private enum Reading {
    case known(LeadValue)
    /// Empty texts, lists and objects say nothing.
    case empty
    case otherType
  }

  private static func value(_ value: JSONView, _ kind: LeadField.Kind) -> Reading {
    switch kind {
    case .text: text(value).map { $0.isEmpty ? .empty : .known(.text($0)) } ?? .otherType
    case .integer: value.int.map { .known(.integer($0)) } ?? .otherType
    case .number: value.double.map { .known(.number($0)) } ?? .otherType
    case .flag: value.bool.map { .known(.flag($0)) } ?? .otherType
    case .date: date(value)
    case .texts: texts(value)
    case .json:
      switch value.kind {
      case .array, .object: value.count == 0 ? .empty : .known(.json(value.text))
      case .string: value.string?.isEmpty == true ? .empty : .known(.json(value.text))
      default: .known(.json(value.text))
      }
    }
  }

  /// Numbers count as what they look like: codes come both ways.
  private static func text(_ value: JSONView) -> String? {
    switch value.kind {
    case .string: value.string
    case .int, .double: value.text
    default: nil
    }
  }

  private static func date(_ value: JSONView) -> Reading {
    guard let text = value.string else { return .otherType }
    if text.isEmpty { return .empty }
    guard case .date(let date)? = LeadField.Kind.date.value(fromText: text) else { return .otherType }
    return .known(.date(date))
  }

  private static func texts(_ value: JSONView) -> Reading {
    guard value.kind == .array else { return .otherType }
    var texts: [String] = []
    var isWhole = true
    value.forEachElement { element in
      if let text = text(element) { texts.append(text) } else if !element.isNull { isWhole = false }
    }
    guard isWhole else { return .otherType }
    return texts.isEmpty ? .empty : .known(.texts(texts))
  }

  // MARK: What follows from other facts

  private mutating func derive(_ person: JSONView) {
    var numbers: [String] = []
    func gather(_ list: JSONView?) {
      list?.forEachElement { entry in
        guard let written = entry["sanitized_number"]?.string ?? entry["raw_number"]?.string,
          let number = PhoneNumber(parsing: written), !numbers.contains(number.e164)
        else { return }
        numbers.append(number.e164)
      }
    }
    gather(person["phone_numbers"])
    let contact = person["contact"]
    if let written = contact?["sanitized_phone"]?.string, let number = PhoneNumber(parsing: written),
      !numbers.contains(number.e164)
    {
      numbers.append(number.e164)
    }
    if !numbers.isEmpty { facts[.phones] = .texts(numbers) }
    person["employment_history"]?.forEachElement { job in
      guard job["current"]?.bool == true, let text = job["start_date"]?.string,
        case .date(let start)? = LeadField.Kind.date.value(fromText: text)
      else { return }
      // Of several present jobs the latest is the role.
      if let known = facts.date(.roleStartedOn), known >= start { return }
      facts[.roleStartedOn] = .date(start)
    }
  }
}
