import Foundation

/// The one table, and what it was measured on.
struct Report: Encodable {
  let machine: Machine
  let isQuick: Bool
  var figures: [Figure] = []

  /// A missed target or a row without a figure.
  var isMet: Bool { figures.allSatisfy { $0.isMet != false } }

  var text: String {
    ([head, table] + notes).joined(separator: "\n")
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private var head: String {
    let load = machine.load.map { Text.decimal($0) }.joined(separator: " ")
    var lines = [
      "\(machine.processor), \(machine.cores) cores, \(machine.memoryGB) GB, Linux \(machine.kernel)",
      "PostgreSQL \(machine.postgres), fsync and synchronous_commit on; \(machine.reservoir); "
        + "wrk \(machine.wrk)",
      "load average before the run: \(load)" + (isQuick ? "; a quick run: short and with less data" : ""),
    ]
    if machine.isBusy {
      lines.append("WARNING: the machine was busy with other things; do not quote these figures")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var table: String {
    let titles = ["path", "against", "target", "ours", "baseline", "ratio", "met?"]
    let rows = [titles] + figures.map(\.cells)
    let widths = titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { cells in
      let padded = zip(cells, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    lines.insert(
      "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|", at: 1)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Every round behind the medians, notes and failures.
  private var notes: [String] {
    figures.map { figure in
      var text = "\(figure.path): "
      if let failure = figure.failure { return text + "FAILED: \(failure)" }
      let digits = [.perSecond, .microseconds].contains(figure.unit) ? 0 : 2
      func list(_ values: [Double]) -> String {
        values.map { digits == 0 ? Text.whole($0) : Text.decimal($0, digits) }.joined(separator: ", ")
      }
      text += "ours \(list(figure.ours))"
      if !figure.baseline.isEmpty { text += "; baseline \(list(figure.baseline))" }
      return text + " \(figure.unit.rawValue)" + (figure.note.map { "; \($0)" } ?? "")
    }
  }
}
