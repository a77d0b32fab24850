import Postgres

/// Whether the database answers, asked with a deadline.
struct Readiness: Sendable {
  let database: Database
  var deadline: Duration = .seconds(2)

  func isReady() async -> Bool {
    let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
    let (database, deadline) = (database, deadline)
    // Two tasks that end with this call; not a group, which would wait for a connection that hangs.
    let asking = Task { answer.yield(await Self.answers(database, within: deadline)) }
    let waiting = Task {
      try? await Task.sleep(for: deadline)
      answer.yield(false)
    }
    defer {
      asking.cancel()
      waiting.cancel()
    }
    for await isReady in answers { return isReady }
    return false
  }

  private static func answers(_ database: Database, within deadline: Duration) async -> Bool {
    let options = TransactionOptions(isReadOnly: true, statementTimeout: deadline)
    let rows = try? await database.transaction(options) { try $0.query("SELECT 1 AS one").count }
    return rows == 1
  }
}
