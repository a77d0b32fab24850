import Domain
import Postgres
import Store

public struct NumberImportOptions: Hashable, Sendable {
  /// Make clients of companies that are unknown; otherwise they are errors.
  public var createClients: Bool
  /// Check and count, change nothing.
  public var isDryRun: Bool

  public init(createClients: Bool = false, isDryRun: Bool = false) {
    self.createClients = createClients
    self.isDryRun = isDryRun
  }
}

public enum NumberImportOutcome: Hashable, Sendable {
  /// All rows are in, or would be.
  case imported(NumberImportReport)
  /// Nothing changed. Never empty; in the order of the rows.
  case refused([NumberImport.RowError])
}

public struct NumberImportReport: Hashable, Sendable {
  public var inserted = 0
  public var updated = 0
  public var unchanged = 0
  public var clientsCreated = 0
  public var isDryRun = false

  public init() {}
}

extension NumberService {
  /// Rows of one statement.
  static let chunkSize = 5_000

  /// Inserts and updates numbers by their provider ids, all or nothing, in one transaction.
  ///
  /// A row that leaves out its company, notes, territories or status keeps what the number has. An import
  /// never frees a leased number nor takes it from its lead; one whose time is over may move. Numbers that a
  /// row would not change are not locked, so that importing the same again disturbs nobody.
  ///
  /// - Parameter progress: told the rows done and all rows, from time to time, on any thread. After a lost
  ///   race it begins again.
  public func importNumbers(
    _ numbers: [ImportNumber], options: NumberImportOptions = .init(), actor: Actor,
    idempotency: Idempotency<NumberImportOutcome>? = nil,
    progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
  ) async throws -> Answered<NumberImportOutcome> {
    let duplicates = NumberImport.duplicates(numbers)
    guard duplicates.isEmpty else { return .fresh(.refused(duplicates)) }
    let run = NumberImportRun(
      numbers: numbers.sorted { $0.providerNumberID < $1.providerNumberID }, options: options, now: time.now,
      progress: progress)
    var attempt = 1
    while true {
      do {
        return try await database.transaction(.init(statementTimeout: .minutes(5))) { transaction in
          ActorStore.act(as: actor, now: run.now, in: &transaction)
          let answer = try Idempotency.perform(idempotency, now: run.now, in: &transaction) { transaction in
            try run.perform(&transaction)
          }
          // What was not meant, or not allowed, must leave nothing behind.
          if case .fresh(.imported(let report)) = answer, report.isDryRun { throw Undone(answer: answer) }
          if case .fresh(.refused) = answer { throw Undone(answer: answer) }
          return answer
        }
      } catch let undone as Undone {
        return undone.answer
      } catch  where attempt < 5 && NumberImportRun.isLostRace(error) {
        // Somebody brought in the same numbers since they were looked for: look again.
        attempt += 1
      }
    }
  }
}

/// Rolls back and carries the answer out.
private struct Undone: Error {
  let answer: Answered<NumberImportOutcome>
}

/// An import within its transaction: check every row, then write.
struct NumberImportRun: Sendable {
  struct LostRace: Error {}

  /// In the order of their ids.
  let numbers: [ImportNumber]
  let options: NumberImportOptions
  let now: Timestamp
  let progress: (@Sendable (Int, Int) -> Void)?

  static func isLostRace(_ error: any Error) -> Bool {
    if error is LostRace { return true }
    guard let error = error as? PostgresError else { return false }
    return [
      "signalwire_phone_numbers_number_key", "leased_number_stays", "signalwire_phone_numbers_company_fkey",
    ]
    .contains { error.violates($0) }
  }

  func perform(_ transaction: inout Transaction) throws -> NumberImportOutcome {
    var report = NumberImportReport()
    report.isDryRun = options.isDryRun
    var errors = try companies(&report, &transaction)
    var new: [ImportNumber] = []
    var touched: [ImportNumber] = []
    try inChunks(of: numbers, from: 0) { chunk in
      try sift(chunk, &new, &touched, &transaction)
    }
    let changed = try lockAndCheck(touched, &new, &errors, &transaction)
    guard errors.isEmpty else { return .refused(errors.sorted { $0.row < $1.row }) }
    report.unchanged = numbers.count - new.count - changed.count
    try inChunks(of: new, from: numbers.count + report.unchanged) { chunk in
      report.inserted += try NumberImportStore.insert(chunk, now: now, in: &transaction)
    }
    try inChunks(of: changed, from: numbers.count + report.unchanged + new.count) { chunk in
      report.updated += try NumberImportStore.update(chunk, in: &transaction)
    }
    guard report.inserted == new.count, report.updated == changed.count else { throw LostRace() }
    progress?(numbers.count, numbers.count)
    return .imported(report)
  }

  /// Makes the clients that are missing, or an error for each row of theirs.
  private func companies(
    _ report: inout NumberImportReport, _ transaction: inout Transaction
  ) throws -> [NumberImport.RowError] {
    let names = Set(numbers.compactMap(\.company))
    if options.createClients {
      report.clientsCreated = try ClientStore.createMissing(names, now: now, in: &transaction)
      return []
    }
    let unknown = try ClientStore.unknown(names, in: &transaction)
    return numbers.filter { $0.company.map(unknown.contains) ?? false }.map {
      error($0, "assigned_broker_company", "there is no such company")
    }
  }

  /// Which rows are new and which may change something. Nothing is locked.
  private func sift(
    _ chunk: [ImportNumber], _ new: inout [ImportNumber], _ touched: inout [ImportNumber],
    _ transaction: inout Transaction
  ) throws {
    for (number, finding) in zip(chunk, try NumberImportStore.findings(chunk, now: now, in: &transaction)) {
      switch finding {
      case .new: new.append(number)
      case .unchanged: break
      default: touched.append(number)
      }
    }
  }

  /// Locks what the rows touch, leads before numbers as everybody does; returns those that change something.
  private func lockAndCheck(
    _ touched: [ImportNumber], _ new: inout [ImportNumber], _ errors: inout [NumberImport.RowError],
    _ transaction: inout Transaction
  ) throws -> [ImportNumber] {
    let leads = Set(try leavingLeads(touched, &transaction))
    if !leads.isEmpty { NumberImportStore.lockLeads(leads, in: &transaction) }
    var changed: [ImportNumber] = []
    for chunk in chunks(of: touched) {
      // Once they are locked, what is found about them stays true.
      NumberImportStore.lock(chunk.map(\.providerNumberID), in: &transaction)
      try check(chunk, &new, &changed, &errors, &transaction)
    }
    // A lead that came in between is not waited for with numbers in our hands.
    guard leads.isSuperset(of: try leavingLeads(changed, &transaction)) else { throw LostRace() }
    return changed
  }

  private func leavingLeads(
    _ rows: [ImportNumber], _ transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    try chunks(of: rows).flatMap {
      try NumberImportStore.leavingLeads($0, now: now, in: &transaction)
    }
  }

  private func check(
    _ locked: [ImportNumber], _ new: inout [ImportNumber], _ changed: inout [ImportNumber],
    _ errors: inout [NumberImport.RowError], _ transaction: inout Transaction
  ) throws {
    let findings = try NumberImportStore.findings(locked, now: now, in: &transaction)
    for (number, finding) in zip(locked, findings) {
      switch finding {
      case .new: new.append(number)
      case .unchanged: break
      case .changed: changed.append(number)
      case .leasedElsewhere:
        errors.append(
          error(number, "assigned_broker_company", "the number is leased and cannot change its company"))
      case .leasedOtherwise:
        errors.append(error(number, "number", "the number is leased and cannot be replaced by another"))
      case .numberTaken:
        errors.append(error(number, "number", "in the pool already, under another provider id"))
      }
    }
  }

  private func error(_ number: ImportNumber, _ field: String, _ detail: String) -> NumberImport.RowError {
    NumberImport.RowError(row: number.row, error: FieldError(field: field, detail: detail))
  }

  /// - Parameter start: how many of `2 × numbers.count` looks and writes were done before.
  private func inChunks(
    of rows: [ImportNumber], from start: Int, _ body: ([ImportNumber]) throws -> Void
  ) throws {
    var done = start
    for chunk in chunks(of: rows) {
      try body(chunk)
      done += chunk.count
      progress?(done / 2, numbers.count)
    }
  }

  private func chunks(of rows: [ImportNumber]) -> [[ImportNumber]] {
    stride(from: 0, to: rows.count, by: NumberService.chunkSize).map {
      Array(rows[$0..<min($0 + NumberService.chunkSize, rows.count)])
    }
  }
}
