import CPostgres
import Glibc

/// What a statement answered: its rows, and how many rows it changed.
public struct Rows: RandomAccessCollection, Sendable {
  let result: ResultStorage

  public var startIndex: Int { 0 }
  public var endIndex: Int { result.rowCount }
  public subscript(index: Int) -> Row {
    precondition(indices.contains(index), "no such row")
    return Row(result: result, index: index)
  }

  /// Rows inserted, updated or deleted; for SELECT the rows returned; 0 for other statements.
  public var affectedRows: Int { result.affectedRows }

  /// The names of the columns, in order.
  public var columns: [String] { (0..<result.columnCount).map { result.columnName($0) } }
}

/// One row of a result.
public struct Row: Sendable {
  let result: ResultStorage
  let index: Int

  /// The value of the column with this name (the first, if several have it).
  public func decode<T: PostgresDecodable>(
    _ column: String, as type: T.Type = T.self
  ) throws(PostgresDecodingError) -> T {
    guard let columnIndex = result.columnIndex(column) else {
      throw PostgresDecodingError(column: column, expected: "\(T.self)", found: "no such column")
    }
    return try T(from: result.cell(row: index, column: columnIndex))
  }

  /// The value of the column at this place, counted from 0.
  public func decode<T: PostgresDecodable>(
    at columnIndex: Int, as type: T.Type = T.self
  ) throws(PostgresDecodingError) -> T {
    guard (0..<result.columnCount).contains(columnIndex) else {
      throw PostgresDecodingError(column: "#\(columnIndex)", expected: "\(T.self)", found: "no such column")
    }
    return try T(from: result.cell(row: index, column: columnIndex))
  }
}

/// Owns one `PGresult`.
///
/// Unchecked because of the pointer. Proof: libpq never changes a result after it has been handed out and
/// allows it to be read from any thread; this class only reads, and frees it once, in `deinit`.
final class ResultStorage: @unchecked Sendable {
  private let pointer: OpaquePointer
  let rowCount: Int
  let columnCount: Int

  /// Takes the result over.
  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
    rowCount = Int(PQntuples(pointer))
    columnCount = Int(PQnfields(pointer))
  }

  deinit { PQclear(pointer) }

  var affectedRows: Int {
    guard let text = PQcmdTuples(pointer) else { return 0 }
    return Int(String(cString: text)) ?? 0
  }

  /// The command that was done, as the server names it: `COMMIT`, `UPDATE 3`.
  var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

  func columnName(_ index: Int) -> String {
    PQfname(pointer, Int32(index)).map { String(cString: $0) } ?? "?"
  }

  func columnIndex(_ name: String) -> Int? {
    var name = name
    return name.withUTF8 { wanted in
      (0..<columnCount).first { index in
        guard let found = PQfname(pointer, Int32(index)), let start = wanted.baseAddress else { return false }
        return strncmp(found, start, wanted.count) == 0 && found[wanted.count] == 0
      }
    }
  }

  func cell(row: Int, column: Int) -> PostgresCell {
    let (row, index) = (Int32(row), Int32(column))
    var bytes: UnsafeRawBufferPointer?
    if PQgetisnull(pointer, row, index) == 0 {
      bytes = UnsafeRawBufferPointer(
        start: PQgetvalue(pointer, row, index), count: Int(PQgetlength(pointer, row, index)))
    }
    return PostgresCell(
      bytes: bytes, type: PQftype(pointer, index), format: PQfformat(pointer, index) == 1 ? .binary : .text,
      result: self, columnIndex: column)
  }
}
