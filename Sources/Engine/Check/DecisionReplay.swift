import Domain
import Postgres
import Store

/// Makes the gate's decisions again, from the facts that the ledger keeps of each.
struct DecisionReplay {
  let database: Database

  private static let pageSize = 5_000

  /// How many do not come out as they stand in the ledger, and the first `limit` of them.
  func violations(limit: Int) async throws -> (count: Int, violations: [Violation]) {
    var count = 0
    var shown: [Violation] = []
    var last: PermitLedgerStore.Decision?
    while true {
      let after = last
      let page = try await database.transaction(.init(isReadOnly: true, statementTimeout: .zero)) {
        try PermitLedgerStore.decisions(after: after, limit: Self.pageSize, in: &$0)
      }
      for decision in page {
        guard let fault = try Self.fault(of: decision) else { continue }
        count += 1
        guard shown.count < limit else { continue }
        shown.append(
          Violation(leadID: decision.leadID, clientID: decision.clientID, detail: fault))
      }
      last = page.last
      if page.count < Self.pageSize { return (count, shown) }
    }
  }

  private static func fault(of decision: PermitLedgerStore.Decision) throws -> String? {
    guard let (facts, reasons) = try GateFactsText.read(decision.details) else {
      return "a decision of \(decision.place.at) has no facts"
    }
    let verdict = GateVerdict.decide(facts, on: decision.channel, now: decision.place.at)
    if verdict.reasons == reasons && verdict.isPassed == (decision.kind == .issued) { return nil }
    return "what was \(decision.kind.rawValue) at \(decision.place.at) would now be "
      + (verdict.isPassed ? "granted" : verdict.reasons.map(\.check.rawValue).joined(separator: ", "))
  }
}
