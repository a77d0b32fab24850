import Domain
import Engine
import Runtime

/// Something to play with: two companies, five numbers, some leads, and an operator's key. Loading it again
/// changes nothing.
struct SampleData {
  static let company = "My Reverse Options"
  static let keyName = "sample data"

  /// What a first request needs.
  struct Guide: Sendable {
    let key: String
    let lead: ID<Lead>
  }

  let services: Services
  /// Where the key is kept from one start to the next; nil: a new one for each start.
  let keyFile: String?

  func load() async throws -> Guide {
    try await makeClient(Self.company, "America/Los_Angeles")
    try await makeClient("Evergreen Lending", "America/New_York")
    try await importNumbers()
    let lead = try await lead("test@example.com", "Test", "Lead")
    _ = try await self.lead("ada@example.com", "Ada", "Lovelace")
    _ = try await self.lead("grace@example.com", "Grace", "Hopper")
    return Guide(key: try await key(), lead: lead)
  }

  private func makeClient(_ name: String, _ zone: String) async throws {
    guard let name = CompanyName(name), let zone = TimeZoneName(zone) else {
      preconditionFailure("the sample's companies are valid")
    }
    // A name that is taken was made by an earlier start.
    _ = try await services.clients.create(NewClient(companyName: name, timeZone: zone), actor: .commandLine)
  }

  private static let rows: [NumberImportRow] = [
    ("45b2f2bb-5d0f-4c96-b43f-673584207d9d", "+14244851544", ["Los Angeles"]),
    ("8c1d7a52-0b8e-4d55-9a63-3e5f2c90b7d1", "+14244851545", ["Los Angeles"]),
    ("b7e0c4d9-3f52-4a1b-8d26-90a7f1c3e562", "+13105550142", ["Los Angeles", "California"]),
    ("1f6a93e8-72c4-4b0d-a5e1-c84d20b7f913", "+16505550123", ["California"]),
    ("d24b8f07-9e61-4c3a-b0f5-57e8a1d6c390", "+16505550188", ["California"]),
  ].enumerated().map { index, number in
    NumberImportRow(
      row: index + 1, vapiPhoneNumberID: number.0, number: number.1, name: "MRO \(index + 1)",
      assignedBrokerCompany: company, territories: number.2, notes: "Sample")
  }

  /// Leaves alone what somebody has changed since.
  private func importNumbers() async throws {
    let sample = NumberImport(Self.rows)
    precondition(sample.errors.isEmpty, "the sample's numbers are valid: \(sample.errors)")
    var missing: [ImportNumber] = []
    for number in sample.numbers where try await services.numbers.get(number.providerNumberID) == nil {
      missing.append(number)
    }
    let answer = try await services.numbers.importNumbers(
      missing, options: .init(createClients: true), actor: .commandLine)
    if case .fresh(.refused) = answer {
      throw CommandFailure("the sample's numbers are in this database already, under other provider ids")
    }
  }

  private func lead(_ email: String, _ first: String, _ last: String) async throws -> ID<Lead> {
    guard let address = EmailAddress(email) else { preconditionFailure("the sample's addresses are valid") }
    if let known = try await services.leads.list(email: address, limit: 1).first { return known.id }
    let new = NewLead(primaryEmail: address, firstName: first, lastName: last)
    switch try await services.leads.create(new, source: "sample", actor: .commandLine) {
    case .fresh(.created(let detail)), .fresh(.known(let detail)): return detail.lead.id
    default: throw CommandFailure("the sample's leads cannot be made in this database")
    }
  }

  /// The key of the last start if it is still good, else a new one in the place of all before.
  private func key() async throws -> String {
    if let keyFile, let kept = try TextFile.read(keyFile) {
      let text = kept.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
      if try await services.keys.authenticate(text)?.role == .operator { return text }
    }
    for old in try await services.keys.list(limit: 1_000)
    where old.name == Self.keyName && old.revokedAt == nil {
      _ = try await services.keys.revoke(old.id, actor: .commandLine)
    }
    guard
      case .fresh(.created(_, let secret)) = try await services.keys.create(
        name: Self.keyName, scope: .operator, actor: .commandLine)
    else { preconditionFailure("an operator's key belongs to no client that could be missing") }
    if let keyFile { try TextFile.writePrivate(secret.text + "\n", to: keyFile) }
    return secret.text
  }
}
