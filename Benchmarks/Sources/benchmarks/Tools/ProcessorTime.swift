import Foundation

/// Processor time of everything that this run has started, in seconds so far.
///
/// Other programs of the machine are not in it, so it says something even where throughput does not.
struct ProcessorTime {
  var reservoir = 0.0
  var postgres = 0.0
  /// wrk, pgbench and the benchmark itself.
  var tools = 0.0

  var total: Double { reservoir + postgres + tools }

  static func - (a: Self, b: Self) -> Self {
    Self(reservoir: a.reservoir - b.reservoir, postgres: a.postgres - b.postgres, tools: a.tools - b.tools)
  }

  /// Microseconds for each of `count` leases.
  func each(_ count: Double) -> Self {
    Self(
      reservoir: reservoir * 1e6 / count, postgres: postgres * 1e6 / count, tools: tools * 1e6 / count)
  }

  /// Of all descendants that live, and of those that they have outlived.
  static var now: Self {
    var processes: [Int32: Facts] = [:]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for id in names.compactMap({ Int32($0) }) { processes[id] = Facts(id) }
    let children = Dictionary(grouping: processes.keys) { processes[$0]?.parent ?? 0 }
    var time = Self()
    var open = [getpid()]
    while let id = open.popLast() {
      open += children[id] ?? []
      guard let process = processes[id] else { continue }
      switch process.name {
      case "reservoir": time.reservoir += process.own
      case "postgres": time.postgres += process.own + process.ended
      default: time.tools += process.own + process.ended
      }
    }
    return time
  }

  /// What `/proc/ID/stat` says: user and system time of the process, and of its children that have ended.
  private struct Facts {
    let name: Substring
    let parent: Int32
    let own: Double
    let ended: Double

    init?(_ id: Int32) {
      guard let file = FileHandle(forReadingAtPath: "/proc/\(id)/stat") else { return nil }
      defer { try? file.close() }
      let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
      // The name stands in parentheses and may hold some itself; after it come state, parent and so on.
      guard let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")") else { return nil }
      name = text[text.index(after: start)..<end]
      let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
      guard fields.count > 14 else { return nil }
      let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
      parent = Int32(fields[1])
      own = (fields[11] + fields[12]) / ticks
      ended = (fields[13] + fields[14]) / ticks
    }
  }
}
