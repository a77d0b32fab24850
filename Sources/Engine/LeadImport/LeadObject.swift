import Domain
import Glibc
import JSON

/// An object of a file: a person of Apollo's, or a flat one with the names of fields, or what they are
/// usually called, as its keys.
enum LeadObject {
  static func incoming(
    _ bytes: [UInt8], row: Int, asOf: Timestamp, source: String, region: String
  ) -> Result<IncomingLead, FieldError> {
    if hasKeysOfApollo(bytes) {
      return ApolloRecord.incoming(bytes, row: row, receivedAt: asOf, source: source)
    }
    do {
      let flat = try JSON.view(bytes, limits: JSONLimits(depth: 64)) { root in
        isApollo(root) ? nil : read(root)
      }
      guard let flat else { return ApolloRecord.incoming(bytes, row: row, receivedAt: asOf, source: source) }
      let (facts, errors) = flat.facts.normalised(region: region)
      if let missing = facts.missingIdentity { return .failure(errors.first ?? missing) }
      return .success(
        IncomingLead(
          row: row, facts: facts, source: source, asOf: asOf, record: String(decoding: bytes, as: UTF8.self),
          unknownFields: flat.unknown + errors.map { "\($0.field) (not understood)" }))
    } catch let error as JSONSyntaxError {
      return .failure(FieldError(field: "record", detail: "is no JSON: \(error)"))
    } catch {
      return .failure(FieldError(field: "record", detail: "cannot be read"))
    }
  }

  /// Told without parsing, for speed: whole persons of Apollo's have these keys.
  private static func hasKeysOfApollo(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      holds("\"employment_history\"", buffer) && holds("\"organization_id\"", buffer)
    }
  }

  /// - Parameter key: with its quotes.
  private static func holds(_ key: StaticString, _ buffer: UnsafeRawBufferPointer) -> Bool {
    let length = key.utf8CodeUnitCount
    var place = 0
    while place + length <= buffer.count, let base = buffer.baseAddress,
      let hit = memchr(base + place, 0x22, buffer.count - length - place + 1)
    {
      if memcmp(hit, key.utf8Start, length) == 0 { return true }
      place = base.distance(to: UnsafeRawPointer(hit)) + 1
    }
    return false
  }

  /// Apollo's persons have an id and an organisation; flat objects have neither under these names.
  private static func isApollo(_ root: JSONView) -> Bool {
    if root["person"]?.kind == .object || root["organization"]?.kind == .object { return true }
    return root["id"]?.kind == .string && root["apollo_id"] == nil && root["company_name"] == nil
  }

  private static func read(_ root: JSONView) -> (facts: LeadFacts, unknown: [String]) {
    var facts = LeadFacts()
    var unknown: [String] = []
    root.forEachMember { key, value in
      guard !value.isNull else { return }
      let name = String(
        key.unicodeScalars.prefix(100).filter { $0.properties.generalCategory != .control }.map {
          Character($0)
        })
      guard let field = LeadField(named: key) ?? LeadColumnGuess.field(key), facts[field] == nil else {
        unknown.append(name)
        return
      }
      if let known = Self.value(value, field.kind) {
        facts[field] = known
      } else if value.string != "" {
        unknown.append("\(name) (\(value.kind.rawValue))")
      }
    }
    return (facts, unknown)
  }

  /// A text may stand for any kind, as in a table.
  private static func value(_ value: JSONView, _ kind: LeadField.Kind) -> LeadValue? {
    if kind == .json { return .json(value.text) }
    if let text = value.string { return kind.value(fromText: text) }
    switch kind {
    case .integer: return value.int.map { .integer($0) }
    case .number: return value.double.map { .number($0) }
    case .flag: return value.bool.map { .flag($0) }
    case .texts:
      var texts: [String] = []
      value.forEachElement { if let text = $0.string { texts.append(text) } }
      return value.kind == .array && texts.count == value.count ? .texts(texts) : nil
    case .text, .date, .json: return nil
    }
  }
}
