import CPostgres
import Glibc

/// One connection of libpq. It is not Sendable: whoever opens it keeps it on one thread.
final class Connection {
  let handle: OpaquePointer
  let configuration: DatabaseConfiguration
  var statements: StatementCache
  var parameters = ParameterBuffer()
  /// Why the connection is of no use any more.
  var failure: PostgresError?
  /// Exchanges with the server since it was opened.
  var roundTrips = 0
  private let noticeSink: NoticeSink

  private init(handle: OpaquePointer, configuration: DatabaseConfiguration) {
    self.handle = handle
    self.configuration = configuration
    statements = StatementCache(limit: configuration.preparedStatementLimit)
    noticeSink = NoticeSink(configuration.onNotice)
    PQsetNoticeReceiver(handle, NoticeSink.receive, Unmanaged.passUnretained(noticeSink).toOpaque())
  }

  deinit { PQfinish(handle) }

  /// Connects and makes the session's settings; blocks.
  static func open(_ configuration: DatabaseConfiguration) throws(PostgresError) -> Connection {
    let options = ConnectionParameters(configuration)
    try options.validate()
    guard let handle = options.connect() else {
      throw PostgresError(.connectionFailed, reason: "out of memory")
    }
    guard PQstatus(handle) == CONNECTION_OK else {
      let message = String(cString: PQerrorMessage(handle))
      PQfinish(handle)
      throw .connecting(message)
    }
    let connection = Connection(handle: handle, configuration: configuration)
    try connection.prepareSession()
    return connection
  }

  private func prepareSession() throws(PostgresError) {
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
      throw PostgresError(.connectionFailed, reason: "libpq refused pipeline mode")
    }
    do {
      if configuration.mode == .session { _ = try exchange([SessionSettings.forSession(configuration)]) }
    } catch {
      throw PostgresError(
        .connectionFailed, sqlState: error.sqlState, reason: "the session's settings were refused",
        debugText: error.debugText)
    }
  }

  /// A handle with which another thread may cancel what runs here; nil when libpq has no memory left.
  func makeCancelHandle() -> CancelHandle? { PQgetCancel(handle).map(CancelHandle.init) }

  /// Takes in what the server sent unasked while nobody used the connection. False: the connection is gone.
  func isAlive() -> Bool {
    guard failure == nil else { return false }
    var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    while poll(&descriptor, 1, 0) > 0 {
      guard PQconsumeInput(handle) == 1 else {
        markLost()
        return false
      }
      _ = PQisBusy(handle)
    }
    return PQstatus(handle) == CONNECTION_OK
  }

  /// One empty round trip.
  func check() -> Bool { isAlive() && (try? exchange(["SELECT 1"])) != nil }

  @discardableResult
  func markLost() -> PostgresError {
    if let failure { return failure }
    let error = PostgresError(.connectionLost, debugText: String(cString: PQerrorMessage(handle)))
    failure = error
    return error
  }
}

/// Gives a notice to the program. Without it libpq would print to stderr.
private final class NoticeSink {
  let handler: (@Sendable (DatabaseNotice) -> Void)?

  init(_ handler: (@Sendable (DatabaseNotice) -> Void)?) { self.handler = handler }

  static let receive: PQnoticeReceiver = { context, result in
    guard let context, let result else { return }
    let sink = Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue()
    sink.handler?(
      DatabaseNotice(
        severity: PostgresError.field(result, "V") ?? "NOTICE",
        sqlState: PostgresError.field(result, "C").map(SQLState.init(rawValue:)),
        message: PostgresError.message(result)))
  }
}

/// Cancels what runs on a connection, from any thread.
///
/// Unchecked because of the pointer. Proof: it is never changed, libpq documents `PQcancel` as safe from any
/// thread, and it is freed once, in `deinit`.
final class CancelHandle: @unchecked Sendable {
  private let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }
  deinit { PQfreeCancel(pointer) }

  /// Blocks until the server has taken the request, not until it has acted on it.
  func cancel() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
      _ = PQcancel(pointer, message.baseAddress, Int32(message.count))
    }
  }
}
