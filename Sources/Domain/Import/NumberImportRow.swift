/// One record of an import file as it was read, before anything is known to be right.
public struct NumberImportRow: Hashable, Sendable {
  /// Where the record is, for messages: its line in CSV, its place from 1 in JSON.
  public var row: Int
  public var vapiPhoneNumberID: String?
  public var number: String?
  public var name: String?
  public var assignedBrokerCompany: String?
  public var territories: [String]
  public var notes: String?
  public var status: String?

  public init(
    row: Int, vapiPhoneNumberID: String? = nil, number: String? = nil, name: String? = nil,
    assignedBrokerCompany: String? = nil, territories: [String] = [], notes: String? = nil,
    status: String? = nil
  ) {
    self.row = row
    self.vapiPhoneNumberID = vapiPhoneNumberID
    self.number = number
    self.name = name
    self.assignedBrokerCompany = assignedBrokerCompany
    self.territories = territories
    self.notes = notes
    self.status = status
  }

  /// A list of territories in one field of CSV: separated by `;`, `|` or `,`; empty parts do not count.
  public static func territories(fromText text: String) -> [String] {
    text.split(whereSeparator: { $0 == ";" || $0 == "|" || $0 == "," }).map { String($0).trimmed }
      .filter { !$0.isEmpty }
  }
}

/// A number that may be imported.
public struct ImportNumber: Hashable, Sendable {
  public let row: Int
  public let providerNumberID: ProviderNumberID
  public let number: PhoneNumber
  public let name: String
  /// Nil: the number is nobody's yet.
  public let company: CompanyName?
  public let territories: [String]
  public let notes: String?
  /// Nil: leave the status as it is, active for a new number.
  public let status: PhoneNumberStatus?
}

extension NumberImportRow {
  public static let longestName = 100
  public static let longestNotes = 2_000
  public static let mostTerritories = 100

  /// The number, or everything that is wrong with the record, in the order of the columns. White space at the
  /// ends of a field does not count, and an empty field is a missing one.
  public func validated() -> Result<ImportNumber, FieldErrors> {
    var check = FieldCheck()
    let id = check.required(
      "vapi_phone_number_id", vapiPhoneNumberID, "expected 1 to 100 visible ASCII characters",
      ProviderNumberID.init(_:))
    let number = check.required(
      "number", number, "expected a valid number in E.164, such as +14244851544", PhoneNumber.init(e164:))
    let name = check.required(
      "name", name, "expected 1 to \(Self.longestName) characters on one line"
    ) { $0.isPlainLine(1...Self.longestName) ? $0 : nil }
    let company = check.optional(
      "assigned_broker_company", assignedBrokerCompany, "expected 1 to 200 characters on one line",
      CompanyName.init(_:))
    let territories = validTerritories(&check)
    let notes = check.optional(
      "notes", notes, "expected at most \(Self.longestNotes) characters, without NUL"
    ) { $0.count <= Self.longestNotes && !$0.utf8.contains(0) ? $0 : nil }
    let status = check.optional("status", status, "expected active, inactive or maintenance") {
      PhoneNumberStatus(rawValue: $0)
    }
    guard check.errors.isEmpty, let id, let number, let name else {
      return .failure(FieldErrors(check.errors))
    }
    return .success(
      ImportNumber(
        row: row, providerNumberID: id, number: number, name: name, company: company,
        territories: territories, notes: notes, status: status))
  }

  /// Trimmed, without repetitions (whatever the case), in their order.
  private func validTerritories(_ check: inout FieldCheck) -> [String] {
    var seen: Set<String> = []
    let unique = territories.map(\.trimmed).filter { seen.insert($0.lowercased()).inserted }
    if unique.count > Self.mostTerritories || !unique.allSatisfy({ $0.isPlainLine(1...100) }) {
      check.errors.append(
        FieldError(
          field: "territories",
          detail: "expected at most \(Self.mostTerritories) texts of 1 to 100 characters on one line"))
    }
    return unique
  }
}

/// Gathers what is wrong while fields are read.
private struct FieldCheck {
  var errors: [FieldError] = []

  mutating func required<Value>(
    _ field: String, _ text: String?, _ expected: String, _ read: (String) -> Value?
  ) -> Value? {
    guard let text = text?.trimmed, !text.isEmpty else {
      errors.append(FieldError(field: field, detail: "missing: \(expected)"))
      return nil
    }
    let value = read(text)
    if value == nil { errors.append(FieldError(field: field, detail: expected)) }
    return value
  }

  mutating func optional<Value>(
    _ field: String, _ text: String?, _ expected: String, _ read: (String) -> Value?
  ) -> Value? {
    guard let text = text?.trimmed, !text.isEmpty else { return nil }
    return required(field, text, expected, read)
  }
}
