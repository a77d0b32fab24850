import Testing

@testable import Postgres

@Suite(.enabled(if: TestServer.isAvailable, "\(TestServer.hint)"), .timeLimit(.minutes(1)))
struct ListenerTests {
  @Test func `notifications arrive in order, also after the connection broke`() async throws {
    try await TestServer.withDatabase { database in
      var events = database.listen(on: "odd \"name\"").makeAsyncIterator()
      for round in 1...3 {
        #expect(await events.next() == .reconnected)
        try await database.transaction { transaction in
          for number in 1...3 {
            transaction.enqueue("SELECT pg_notify('odd \"name\"', \("\(round).\(number)"))")
          }
        }
        for number in 1...3 { #expect(await events.next() == .message("\(round).\(number)")) }
        try await offPool { try database.terminateAll() }
      }
    }
  }

  @Test func `the stream ends with the database`() async throws {
    try await TestServer.withDatabase { database in
      var events = database.listen(on: "x").makeAsyncIterator()
      #expect(await events.next() == .reconnected)
      await database.shutdown()
      #expect(await events.next() == nil)
      var late = database.listen(on: "x").makeAsyncIterator()
      #expect(await late.next() == nil)
    }
  }

  @Test func `the connection ends with the stream`() async throws {
    try await TestServer.withDatabase { database in
      let listener = Task {
        for await event in database.listen(on: "x") where event == .message("stop") { break }
      }
      let count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND application_name = "
      let own = count + "'\(database.configuration.applicationName)'"
      try await eventually("it listens") { try await TestServer.command(own) == "1" }
      try await database.run("SELECT pg_notify('x', 'stop')")
      await listener.value
      try await eventually("it is gone") { try await TestServer.command(own) == "0" }
    }
  }

  @Test func `behind a transaction pooler there is nothing to hear`() async throws {
    var configuration = DatabaseConfiguration(conninfo: "")
    configuration.mode = .transactionPooler
    for await event in Database(configuration).listen(on: "x") { Issue.record("heard \(event)") }
  }
}
