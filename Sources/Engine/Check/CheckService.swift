import Domain
import Postgres
import Runtime
import Store

/// What one check found.
public struct CheckResult: Hashable, Sendable {
  public let check: Check
  /// All of them, also those that are not shown.
  public let count: Int
  /// At most `CheckService.shown`.
  public let violations: [Violation]

  public var isClean: Bool { count == 0 }
}

/// Proves from the tables that the invariants hold (DESIGN §2).
///
/// Each check is one statement in a read-only transaction of its own: it sees one instant, so that work that
/// goes on meanwhile is never taken for a fault, and no transaction stays open longer than its check. Only
/// the gate's decisions are made again here, a page of the ledger at a time: what stands there never changes.
public struct CheckService: Sendable {
  /// How many violations of a check are shown.
  public static let shown = 100

  private let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// Runs all checks, in order.
  /// - Parameter progress: told each result as it comes, with its place from 1 and the number of checks.
  public func run(
    _ checks: [Check] = Check.all, progress: (CheckResult, Int, Int) -> Void = { _, _, _ in }
  ) async throws -> [CheckResult] {
    var results: [CheckResult] = []
    for check in checks {
      let options = TransactionOptions(
        isolation: .repeatableRead, isReadOnly: true, statementTimeout: .zero)
      let now = time.now
      let (count, violations) =
        check == .decisions
        ? try await DecisionReplay(database: database).violations(limit: Self.shown)
        : try await database.transaction(options) {
          try CheckStore.violations(of: check, limit: Self.shown, now: now, in: &$0)
        }
      let result = CheckResult(check: check, count: count, violations: violations)
      results.append(result)
      progress(result, results.count, checks.count)
    }
    return results
  }
}
