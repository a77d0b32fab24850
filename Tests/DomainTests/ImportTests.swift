import Domain
import Testing

/// A record that is right, unless a field is given.
func row(
  _ row: Int = 1, id: String? = "45b2f2bb-5d0f-4c96-b43f-673584207d9d", number: String? = "+14244851544",
  name: String? = "MRO1", company: String? = "My Reverse Options", territories: [String] = [],
  notes: String? = nil, status: String? = nil
) -> NumberImportRow {
  NumberImportRow(
    row: row, vapiPhoneNumberID: id, number: number, name: name, assignedBrokerCompany: company,
    territories: territories, notes: notes, status: status)
}

extension NumberImportRow {
  /// The fields that are wrong, in order.
  var wrongFields: [String] {
    if case .failure(let wrong) = validated() { wrong.errors.map(\.field) } else { [] }
  }
}

@Suite struct `Records of an import` {
  @Test func `become numbers, trimmed`() throws {
    let number = try row(
      7, id: " pn-1 ", name: " MRO1\t", company: " My Reverse Options ", territories: ["CA", " ca ", "424"],
      notes: "Pool #1", status: "maintenance"
    ).validated().get()
    #expect(number.row == 7)
    #expect(number.providerNumberID.text == "pn-1")
    #expect(number.number.e164 == "+14244851544")
    #expect(number.name == "MRO1")
    #expect(number.company == company)
    #expect(number.territories == ["CA", "424"])
    #expect(number.notes == "Pool #1")
    #expect(number.status == .maintenance)
  }

  @Test func `need no company, territories, notes or status`() throws {
    let number = try row(company: " ", notes: "").validated().get()
    #expect(number.company == nil && number.notes == nil && number.status == nil)
    #expect(number.territories.isEmpty)
  }

  @Test(
    arguments: [
      (row(id: nil), ["vapi_phone_number_id"]), (row(id: "a b"), ["vapi_phone_number_id"]),
      (row(number: nil), ["number"]), (row(number: "424-485-1544"), ["number"]),
      (row(number: "+1234567890"), ["number"]), (row(name: ""), ["name"]), (row(name: "a\u{0}b"), ["name"]),
      (row(name: String(repeating: "x", count: 101)), ["name"]),
      (row(company: String(repeating: "x", count: 201)), ["assigned_broker_company"]),
      (row(territories: ["a\nb"]), ["territories"]), (row(territories: [""]), ["territories"]),
      (row(territories: (0...100).map(String.init)), ["territories"]),
      (row(notes: String(repeating: "x", count: 2_001)), ["notes"]), (row(notes: "a\u{0}"), ["notes"]),
      (row(status: "Active"), ["status"]),
      (
        NumberImportRow(row: 1, territories: ["\u{7}"], status: "x"),
        ["vapi_phone_number_id", "number", "name", "territories", "status"]
      ),
    ] as [(NumberImportRow, [String])])
  func `tell everything that is wrong, in the order of the columns`(row: NumberImportRow, fields: [String]) {
    #expect(row.wrongFields == fields)
  }

  @Test func `never repeat a value in an error`() {
    guard case .failure(let wrong) = row(number: "424-485-1544").validated() else {
      Issue.record("accepted")
      return
    }
    #expect(!wrong.description.contains("424-485"))
  }

  @Test(
    arguments: [
      ("", []), ("CA", ["CA"]), ("CA;NY", ["CA", "NY"]), ("CA | NY , TX", ["CA", "NY", "TX"]), (";;", []),
      ("Los Angeles; 424", ["Los Angeles", "424"]),
    ] as [(String, [String])])
  func `may have several territories in one text`(text: String, territories: [String]) {
    #expect(NumberImportRow.territories(fromText: text) == territories)
  }
}

@Suite struct `An import` {
  @Test func `finds ids and numbers that stand in the file twice, and names the earlier row`() {
    let file = NumberImport([
      row(2, id: "a", number: "+14244851544"), row(3, id: "b", number: "+14244851545"),
      row(4, id: "a", number: "+14244851546"), row(5, id: "c", number: "+14244851545"),
      row(6, id: "a", number: "+14244851544"), row(7, id: "d", number: "+14244851547"),
      row(8, id: "e", number: "+14244851545"),
    ])
    #expect(file.numbers.map(\.row) == [2, 3, 7])
    #expect(
      file.errors.map { "\($0.row) \($0.error)" } == [
        "4 vapi_phone_number_id: the same as in row 2", "5 number: the same as in row 3",
        "6 vapi_phone_number_id: the same as in row 2", "6 number: the same as in row 2",
        "8 number: the same as in row 3",
      ])
  }

  @Test func `lists errors by row`() {
    let file = NumberImport([
      row(2, id: "a"), row(3, id: "a", number: "+14244851546"), row(4, id: nil, name: nil),
      row(5, id: "b", number: "x"),
    ])
    #expect(file.numbers.map(\.row) == [2])
    #expect(file.errors.map(\.row) == [3, 4, 4, 5])
    #expect(
      file.errors.map(\.error.field) == ["vapi_phone_number_id", "vapi_phone_number_id", "name", "number"])
  }

  @Test func `of nothing is nothing`() {
    #expect(NumberImport([]).numbers.isEmpty && NumberImport([]).errors.isEmpty)
  }
}
