import CPostgres
import Glibc

/// Writes rows in the binary format of COPY, lent to the closure of `Transaction.copy`.
///
/// A row is begun with the number of its values and then filled with exactly so many:
///
///     writer.row(2)
///     writer.value(id)
///     writer.value(name)
///
/// Types are not converted: each value must be of its column's own type.
public struct CopyWriter: ~Copyable {
  /// What is gathered before it is given to libpq.
  private static let piece = 65_536

  private let connection: Connection
  private let ticket: Ticket
  private var bytes: [UInt8] = []
  /// Values that the row begun last still needs.
  private var missing = 0

  init(connection: Connection, ticket: Ticket) {
    self.connection = connection
    self.ticket = ticket
    bytes.reserveCapacity(Self.piece + 16_384)
    bytes.append(contentsOf: "PGCOPY\n".utf8)
    bytes.append(contentsOf: [0xFF, 0x0D, 0x0A, 0x00])
    // No flags, no extension of the header.
    bytes.appendBigEndian(Int64(0))
  }

  /// Begins a row of so many values.
  ///
  /// - Throws: `PostgresError` when the connection is lost, `CancellationError`.
  public mutating func row(_ values: Int) throws {
    precondition(missing == 0, "a row of COPY lacks values")
    if bytes.count >= Self.piece { try flush() }
    bytes.appendBigEndian(Int16(values))
    missing = values
  }

  /// The next value of the row; nil becomes NULL.
  public mutating func value<T: PostgresEncodable>(_ value: T?) {
    precondition(missing > 0, "a row of COPY has too many values")
    missing -= 1
    guard let value, !value.isNull else { return bytes.appendBigEndian(Int32(-1)) }
    let start = bytes.count
    bytes.appendBigEndian(Int32(0))
    value.encode(into: &bytes)
    bytes.setBigEndian(Int32(bytes.count - start - 4), at: start)
  }

  mutating func finish() throws {
    precondition(missing == 0, "a row of COPY lacks values")
    bytes.appendBigEndian(Int16(-1))
    try flush()
  }

  private mutating func flush() throws {
    if ticket.isCancelled { throw CancellationError() }
    try connection.sendCopyData(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}

extension Connection {
  /// Runs `COPY … FROM STDIN (FORMAT binary)` with the rows that the body writes, and tells how many the
  /// server took. What the body throws ends the COPY, and with it the transaction.
  func copy(
    _ text: String, ticket: Ticket, _ body: (inout CopyWriter) throws -> Void
  ) throws -> Int {
    if let failure { throw failure }
    guard !text.utf8.contains(0) else {
      throw PostgresError(.invalidBind, reason: "the text has a NUL byte")
    }
    roundTrips += 1
    guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, text) == 1 else { throw markLost() }
    guard try beginsCopy() else {
      let outcome = try endOfCopy()
      throw outcome.error ?? PostgresError(.server, reason: "the statement is no COPY FROM STDIN")
    }
    var writer = CopyWriter(connection: self, ticket: ticket)
    do {
      try body(&writer)
      try writer.finish()
    } catch {
      guard failure == nil else { throw error }
      try finishCopy(refusing: "given up")
      _ = try endOfCopy()
      throw error
    }
    try finishCopy(refusing: nil)
    let outcome = try endOfCopy()
    if let error = outcome.error { throw error }
    return outcome.rows
  }

  /// False when the server answered something else than an invitation to send; an error is left to be read.
  private func beginsCopy() throws -> Bool {
    guard let result = try nextResult(unless: nil) else { throw markLost() }
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case PGRES_COPY_IN: return true
    case PGRES_COPY_OUT, PGRES_COPY_BOTH:
      let error = PostgresError(.server, reason: "only COPY FROM STDIN can be written to")
      failure = error
      throw error
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return false
    default:
      let error = PostgresError(result: result)
      _ = try endOfCopy()
      throw error
    }
  }

  /// Reads what is left of the answers, and goes back to pipeline mode.
  private func endOfCopy() throws -> (rows: Int, error: PostgresError?) {
    var rows = 0
    var error: PostgresError?
    while let result = try nextResult(unless: error) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK: rows = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
      case PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
      default: error = error ?? PostgresError(result: result)
      }
    }
    guard PQstatus(handle) == CONNECTION_OK else { throw lost(after: error) }
    guard PQenterPipelineMode(handle) == 1 else { throw markLost() }
    return (rows, error)
  }

  /// Sends bytes, reading meanwhile what the server says, so that neither side waits for the other for ever.
  func sendCopyData(_ bytes: [UInt8]) throws(PostgresError) {
    try untilTaken { handle in
      bytes.withUnsafeBytes { buffer in
        PQputCopyData(
          handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
      }
    }
    while true {
      let unsent = PQflush(handle)
      guard unsent >= 0 else { throw markLost() }
      if unsent == 0 { return }
      try waitToSend()
    }
  }

  private func finishCopy(refusing reason: String?) throws(PostgresError) {
    try untilTaken { PQputCopyEnd($0, reason) }
  }

  /// libpq answers 0 while its buffer is full.
  private func untilTaken(_ send: (OpaquePointer) -> Int32) throws(PostgresError) {
    while true {
      let taken = send(handle)
      if taken == 1 { return }
      guard taken == 0, PQflush(handle) >= 0 else { throw markLost() }
      try waitToSend()
    }
  }

  private func waitToSend() throws(PostgresError) {
    var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN | POLLOUT), revents: 0)
    _ = poll(&descriptor, 1, -1)
    if descriptor.revents & ~Int16(POLLOUT) != 0, PQconsumeInput(handle) == 0 { throw markLost() }
  }
}
