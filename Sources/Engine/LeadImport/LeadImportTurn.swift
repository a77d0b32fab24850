import Domain
import Postgres
import Store

/// One chunk of an import, within its transaction: what becomes of each row, and the rows that say so.
struct LeadImportTurn {
  let run: LeadImport
  let now: Timestamp
  let actor: Actor

  /// - Returns: the rows as they were written.
  func take(_ inputs: [LeadImportInput], in transaction: inout Transaction) throws -> [LeadImportRow] {
    var inputs = inputs
    let clients = try clients(of: &inputs, in: &transaction)
    let leads = inputs.compactMap { try? $0.content.get() }
    let rows: [LeadImportRow]
    if run.isRehearsal {
      _ = try transaction.query("SAVEPOINT rehearsal")
      var verdicts = try verdicts(on: leads, in: &transaction)
      _ = try transaction.query("ROLLBACK TO SAVEPOINT rehearsal")
      try rehearse(leads, &verdicts, in: &transaction)
      rows = merged(inputs, verdicts)
    } else {
      rows = merged(inputs, try verdicts(on: leads, in: &transaction))
    }
    LeadImportRowStore.insert(rows, of: run.id, in: &transaction)
    if run.kind == .migration { claim(inputs, rows, clients, in: &transaction) }
    return rows
  }

  /// In the order of the inputs.
  private func merged(_ inputs: [LeadImportInput], _ verdicts: [LeadImportRow]) -> [LeadImportRow] {
    let byRow = Dictionary(verdicts.map { ($0.row, $0) }) { first, _ in first }
    return inputs.map { input in
      if case .failure(let fault) = input.content {
        return LeadImportRow(row: input.row, verdict: .rejected, detail: Self.detail(fault))
      }
      guard let row = byRow[input.row] else { preconditionFailure("a row without a verdict") }
      return row
    }
  }

  /// A fault says what was expected, never what was found.
  private static func detail(_ fault: FieldError) -> String { String(fault.description.prefix(500)) }

  /// Takes the leads in, and finds those that an earlier row of this import had already.
  private func verdicts(
    on leads: [IncomingLead], in transaction: inout Transaction
  ) throws -> [LeadImportRow] {
    let verdicts = try LeadIntake.take(
      leads, importID: run.id, actor: actor, now: now, in: &transaction)
    var rows = zip(leads, verdicts).map { Self.row($0.row, $1) }
    let suppressed = rows.filter { $0.verdict == .suppressed }.compactMap(\.leadID)
    let made = try LeadImportRowStore.made(suppressed, at: now, in: &transaction)
    let known = rows.filter { !$0.isNew && $0.verdict != .conflict }.compactMap(\.leadID)
    let earlier = try LeadImportRowStore.earliest(of: known, in: run.id, &transaction)
    for place in rows.indices {
      guard let lead = rows[place].leadID else { continue }
      if rows[place].verdict == .suppressed { rows[place].isNew = made.contains(lead) }
      if let row = earlier[lead], !rows[place].isNew {
        rows[place].verdict = .duplicate
        rows[place].earlierRow = row
      }
    }
    Self.resolve(&rows)
    return rows
  }

  static func row(_ row: Int, _ verdict: IntakeVerdict) -> LeadImportRow {
    switch verdict {
    case .new(let id): LeadImportRow(row: row, verdict: .new, isNew: true, leadID: id)
    case .updated(let id, let fields):
      LeadImportRow(
        row: row, verdict: .updated, leadID: id,
        detail: String(fields.map(\.name).joined(separator: " ").prefix(300)))
    case .unchanged(let id): LeadImportRow(row: row, verdict: .unchanged, leadID: id)
    case .merged(let id): LeadImportRow(row: row, verdict: .merged, leadID: id)
    case .duplicate(let earlier): LeadImportRow(row: row, verdict: .duplicate, earlierRow: earlier)
    case .conflict(let id): LeadImportRow(row: row, verdict: .conflict, conflictID: id)
    case .suppressed(let id): LeadImportRow(row: row, verdict: .suppressed, leadID: id)
    case .rejected(let fault): LeadImportRow(row: row, verdict: .rejected, detail: detail(fault))
    }
  }

  /// A duplicate has the lead of the row that it repeats, which may repeat an earlier one itself.
  private static func resolve(_ rows: inout [LeadImportRow]) {
    let places = Dictionary(rows.enumerated().map { ($1.row, $0) }) { first, _ in first }
    for place in rows.indices where rows[place].verdict == .duplicate {
      guard let head = rows[place].earlierRow.flatMap({ places[$0] }), head != place else { continue }
      rows[place].leadID = rows[head].leadID
      if let earlier = rows[head].earlierRow { rows[place].earlierRow = earlier }
    }
  }

  // MARK: Rehearsals

  /// Rows of earlier chunks left nothing in the pool; whom they met is kept as keys. A row that names two
  /// persons, of the pool or of earlier rows, would be a conflict.
  private func rehearse(
    _ leads: [IncomingLead], _ rows: inout [LeadImportRow], in transaction: inout Transaction
  ) throws {
    let identities = leads.map(\.facts.identities)
    let known = try LeadImportKeyStore.find(
      Array(Set(identities.joined())), in: run.id, &transaction)
    let places = Dictionary(rows.enumerated().map { ($1.row, $0) }) { first, _ in first }
    var met: [(identity: LeadIdentity, person: LeadImportKeyStore.Person)] = []
    for place in rows.indices {
      let row = rows[place]
      guard row.verdict != .rejected, row.verdict != .conflict else {
        rows[place].conflictID = nil
        continue
      }
      let pooled = row.isNew ? nil : row.leadID
      var persons = Set(identities[place].compactMap { known[$0] })
      if row.verdict == .duplicate, let head = row.earlierRow.flatMap({ places[$0] }), head != place {
        // As the row that it repeats.
        rows[place].leadID = rows[head].isNew ? nil : rows[head].leadID
        if rows[head].verdict == .duplicate { rows[place].earlierRow = rows[head].earlierRow }
        if rows[head].verdict == .conflict { rows[place].verdict = .conflict }
        met += identities[place].map { ($0, .init(row: row.earlierRow ?? row.row, lead: pooled)) }
        continue
      }
      let others = Set(persons.map { $0.lead.map(\.description) ?? "row \($0.row)" })
        .union(pooled.map { [$0.description] } ?? [])
      if others.count > 1 {
        rows[place].verdict = .conflict
        (rows[place].leadID, rows[place].earlierRow, rows[place].detail) = (nil, nil, nil)
        rows[place].isNew = false
        continue
      }
      if let person = persons.popFirst() {
        rows[place].verdict = .duplicate
        rows[place].earlierRow = person.row
        rows[place].leadID = person.lead
        rows[place].isNew = false
        met += identities[place].map { ($0, person) }
      } else {
        met += identities[place].map { ($0, .init(row: row.row, lead: pooled)) }
      }
      // The lead that it would make is not there.
      if rows[place].isNew { (rows[place].leadID, rows[place].isNew) = (nil, false) }
    }
    LeadImportKeyStore.insert(met, in: run.id, &transaction)
  }
}
