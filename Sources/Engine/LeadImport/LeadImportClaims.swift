import Domain
import Postgres
import Store

/// Whose leads are, of a migration.
extension LeadImportTurn {
  /// The clients that rows name. A row that names one that there is not is rejected: a slip of the pen must
  /// not leave a lead without its owner.
  func clients(
    of inputs: inout [LeadImportInput], in transaction: inout Transaction
  ) throws -> [String: ID<Client>] {
    guard run.kind == .migration else { return [:] }
    let names = Array(Set(inputs.compactMap { $0.claim?.client }))
    let clients = try LeadMigrationStore.clients(names, in: &transaction)
    for place in inputs.indices {
      guard let name = inputs[place].claim?.client, clients[name] == nil,
        case .success = inputs[place].content
      else { continue }
      inputs[place].content = .failure(FieldError(field: "client", detail: "there is no such client"))
    }
    return clients
  }

  /// Keeps who claims which lead, to be decided when all rows are read; and ties rows of `leads`.
  func claim(
    _ inputs: [LeadImportInput], _ rows: [LeadImportRow], _ clients: [String: ID<Client>],
    in transaction: inout Transaction
  ) {
    var claims: [(lead: ID<Lead>, claim: FormerClaim)] = []
    var ties: [(row: Int, old: ID<Lead>, lead: ID<Lead>)] = []
    for (input, row) in zip(inputs, rows) {
      guard let text = input.claim, let lead = person(row) else { continue }
      if let old = text.oldLeadID, let lead = row.leadID { ties.append((row.row, old, lead)) }
      guard let client = text.client.flatMap({ clients[$0] }) else { continue }
      claims.append((lead, Self.claim(text, row: row.row, of: client, startedAt: run.startedAt)))
    }
    LeadMigrationStore.insert(claims, of: run.id, in: &transaction)
    if !run.isRehearsal { LeadMigrationStore.tie(ties, of: run.id, in: &transaction) }
  }

  /// Whom a row is about. In a rehearsal a lead that is not there goes by the number of its first row.
  private func person(_ row: LeadImportRow) -> ID<Lead>? {
    if let lead = row.leadID { return lead }
    guard run.isRehearsal, row.verdict != .rejected, row.verdict != .conflict else { return nil }
    return ID(high: 0, low: UInt64(row.earlierRow ?? row.row))
  }

  private static func claim(
    _ text: LeadClaimText, row: Int, of client: ID<Client>, startedAt: Timestamp
  ) -> FormerClaim {
    let assigned = text.assignedAt ?? startedAt
    let converted = text.isConverted ? text.convertedAt ?? text.lastContactedAt ?? assigned : nil
    return FormerClaim(
      row: row, clientID: client, convertedAt: converted, repliedAt: text.repliedAt,
      lastContactedAt: text.lastContactedAt, contacts: text.contacts, assignedAt: assigned)
  }
}
