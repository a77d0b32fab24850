/// Rows under a heading, aligned. On a terminal it is fitted to the width by cutting the widest columns that
/// may be cut; elsewhere nothing is cut, since a program may read it.
public struct Table: Sendable {
  public struct Column: Sendable {
    let title: String
    let isNumber: Bool
    let isWhole: Bool

    /// Text, cut when the terminal is too narrow.
    public static func text(_ title: String) -> Column {
      Column(title: title, isNumber: false, isWhole: false)
    }
    /// Text that is useless when cut, such as an id.
    public static func whole(_ title: String) -> Column {
      Column(title: title, isNumber: false, isWhole: true)
    }
    /// Aligned to the right and never cut.
    public static func number(_ title: String) -> Column {
      Column(title: title, isNumber: true, isWhole: true)
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row of one cell for each column; control characters of a cell are made harmless.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(columns.count) cells wanted, not \(cells.count)")
    rows.append(cells.map(visible))
  }

  /// The lines, each with its line end; without rows only `empty`.
  public func text(for output: any TextOutput, empty: String = "none") -> String {
    guard !rows.isEmpty else { return empty + "\n" }
    let widths = fitted(to: output.width)
    var text = output.styled(line(columns.map(\.title), widths), .bold) + "\n"
    for row in rows { text += line(row, widths) + "\n" }
    return text
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      if index > 0 { line += "  " }
      line += padded(truncated(cell, to: widths[index]), to: widths[index], right: columns[index].isNumber)
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private func fitted(to width: Int?) -> [Int] {
    var widths = columns.map { displayWidth($0.title) }
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], displayWidth(cell)) }
    }
    guard let width else { return widths }
    let least = 8
    var surplus = widths.reduce(2 * (widths.count - 1), +) - width
    while surplus > 0 {
      let candidates = widths.indices.filter { !columns[$0].isWhole && widths[$0] > least }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      surplus -= 1
    }
    return widths
  }
}
