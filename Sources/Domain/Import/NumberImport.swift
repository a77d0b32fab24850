/// A whole import file: the numbers that are right, and the errors of the records that are not.
public struct NumberImport: Hashable, Sendable {
  public let numbers: [ImportNumber]
  /// In the order of the rows.
  public let errors: [RowError]

  public struct RowError: Hashable, Sendable {
    public let row: Int
    public let error: FieldError

    public init(row: Int, error: FieldError) {
      self.row = row
      self.error = error
    }
  }

  /// Checks each record by itself, then that no id and no number stands in the file twice.
  public init(_ rows: some Sequence<NumberImportRow>) {
    var numbers: [ImportNumber] = []
    var errors: [RowError] = []
    for row in rows {
      switch row.validated() {
      case .success(let number): numbers.append(number)
      case .failure(let wrong): errors += wrong.errors.map { RowError(row: row.row, error: $0) }
      }
    }
    let repeated = Self.duplicates(numbers)
    let rowsRepeated = Set(repeated.map(\.row))
    self.numbers = numbers.filter { !rowsRepeated.contains($0.row) }
    // Not by field: the errors of one row keep the order of its columns.
    self.errors = (errors + repeated).enumerated()
      .sorted { ($0.element.row, $0.offset) < ($1.element.row, $1.offset) }.map(\.element)
  }

  /// An error for each record whose id or number stands in an earlier one, which it names.
  public static func duplicates(_ numbers: [ImportNumber]) -> [RowError] {
    var ids: [ProviderNumberID: Int] = [:]
    var lines: [PhoneNumber: Int] = [:]
    var errors: [RowError] = []
    func note(_ number: ImportNumber, _ field: String, _ earlier: Int?) {
      guard let earlier else { return }
      errors.append(
        RowError(row: number.row, error: FieldError(field: field, detail: "the same as in row \(earlier)")))
    }
    for number in numbers {
      note(number, "vapi_phone_number_id", ids[number.providerNumberID])
      note(number, "number", lines[number.number])
      if ids[number.providerNumberID] == nil { ids[number.providerNumberID] = number.row }
      if lines[number.number] == nil { lines[number.number] = number.row }
    }
    return errors
  }
}
