import HTTP
import Postgres
import Runtime

/// Errors that nobody expected, as answers.
enum Failure {
  /// A problem that tells the caller to come back, where that helps; else the error itself, which becomes a
  /// 500 without details.
  static func shown(_ error: any Error) -> any Error {
    switch error {
    case is Problem: error
    case let error as PostgresError: problem(error) ?? error
    case let error as Overloaded: Problem.overloaded(retryAfter: error.retryAfter)
    case is BatcherStopped: Problem(.shuttingDown).retry(after: .seconds(1))
    default: error
    }
  }

  private static func problem(_ error: PostgresError) -> Problem? {
    switch error.kind {
    case .connectionFailed, .connectionLost, .closed: .unavailable("The database cannot be reached.")
    case .poolTimeout: .unavailable("No connection to the database became free in time.")
    case .statementTimeout: .unavailable("The database took too long.")
    case .commitUnknown:
      .unavailable("The database was lost meanwhile: it may have been done or not. Ask, or repeat it safely.")
    case .server: problem(error.sqlState)
    case .configuration, .unexpectedRowCount, .invalidBind: nil
    }
  }

  /// States of a server that is starting, stopping, read-only, full or busy.
  private static func problem(_ state: SQLState?) -> Problem? {
    switch state {
    case SQLState.Class.connection, SQLState.Class.operatorIntervention:
      .unavailable("The database cannot be reached.")
    case SQLState.Class.insufficientResources, SQLState.Class.transactionRollback, .lockNotAvailable?:
      .unavailable("The database is too busy.")
    case SQLState(rawValue: "25006")?: .unavailable("The database is read-only.")
    default: nil
    }
  }
}
