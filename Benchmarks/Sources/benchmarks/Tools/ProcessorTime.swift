import Foundation

/// Processor time of everything that this run has started: the tool, the server, PostgreSQL.
///
/// Other programs of the machine are not in it, so it says something even where throughput does not.
enum ProcessorTime {
  /// Seconds so far, of all descendants that live and of those that they have outlived.
  static func seconds() -> Double {
    var processes: [Int32: (parent: Int32, ticks: Double)] = [:]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for id in names.compactMap({ Int32($0) }) { processes[id] = facts(id) }
    var children: [Int32: [Int32]] = [:]
    for (id, process) in processes { children[process.parent, default: []].append(id) }
    var (ticks, open) = (0.0, [getpid()])
    while let id = open.popLast() {
      ticks += processes[id]?.ticks ?? 0
      open += children[id] ?? []
    }
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// From `/proc/ID/stat`: the parent, and user and system time with that of children that have ended.
  private static func facts(_ id: Int32) -> (parent: Int32, ticks: Double)? {
    guard let file = FileHandle(forReadingAtPath: "/proc/\(id)/stat") else { return nil }
    defer { try? file.close() }
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    // The name, in parentheses, may hold anything; after it come state, parent and so on.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
    return (parent, fields[11...14].compactMap { Double($0) }.reduce(0, +))
  }
}
