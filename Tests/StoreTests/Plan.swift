import Postgres
import TestSupport

/// How PostgreSQL carried a statement out.
struct Plan {
  let lines: [String]

  init(lines: [String]) { self.lines = lines }

  init(_ statement: SQL, on pool: PoolFixture) async throws {
    let explained = SQL(
      text: "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) " + statement.text, binds: statement.binds)
    lines = try await pool.column(explained)
  }

  /// The rows that were taken out of tables and indexes, also those that a filter threw away. What is sorted
  /// has been read, so this bounds every sort, too.
  var rowsRead: Int {
    var (sum, loops) = (0, 1)
    for line in lines {
      if let found = line.firstMatch(of: /actual rows=(\d+)(?:\.\d+)? loops=(\d+)/) {
        loops = Int(found.2) ?? 1
        let readsTable =
          line.contains(" Scan ") && !line.contains("CTE Scan") && !line.contains("Subquery Scan")
        if readsTable { sum += (Int(found.1) ?? 0) * loops }
      } else if let found = line.firstMatch(of: /Rows Removed by (Filter|Index Recheck): (\d+)/) {
        sum += (Int(found.2) ?? 0) * loops
      }
    }
    return sum
  }

  var text: String { lines.joined(separator: "\n") }
}
