import Foundation

/// What the figures were measured on.
struct Machine: Encodable {
  let cores: Int
  let processor: String
  let memoryGB: Double
  let kernel: String
  let postgres: String
  let reservoir: String
  let wrk: String
  /// The load averages before anything was started.
  let load: [Double]

  init(load: [Double], cluster: Cluster, reservoir path: String) throws {
    let information = ProcessInfo.processInfo
    cores = information.activeProcessorCount
    memoryGB = (Double(information.physicalMemory) / 1e9 * 10).rounded() / 10
    processor = Self.field("model name", in: "/proc/cpuinfo") ?? "unknown"
    kernel = Self.text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)
    postgres = try cluster.database("postgres").run("SHOW server_version")
    reservoir = try Program.run(path, ["--version"], in: cluster.scratch).trimmingCharacters(
      in: .whitespacesAndNewlines)
    // It says its version on the way to complaining that it got nothing to do.
    let words = (try? Program(Self.program("wrk"), ["-v"], in: cluster.scratch)).map { program -> String in
      _ = try? program.wait()
      return program.written
    }
    wrk = words?.split(separator: " ").dropFirst().first.map(String.init) ?? "unknown"
    self.load = load
  }

  /// A machine that has other things to do gives figures that say little.
  var isBusy: Bool { (load.first ?? 0) > 0.3 * Double(cores) }

  /// 1, 5 and 15 minutes.
  static var load: [Double] {
    text("/proc/loadavg").split(separator: " ").prefix(3).compactMap { Double($0) }
  }

  /// A field of a file of `name: value` lines.
  static func field(_ name: String, in path: String) -> String? {
    let line = text(path).split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
  }

  // Files below /proc tell no size, so they are read to their end.
  private static func text(_ path: String) -> String {
    guard let file = FileHandle(forReadingAtPath: path) else { return "" }
    defer { try? file.close() }
    return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
  }

  /// The path of a program, looked for in `directories` and then as the shell does.
  static func program(_ name: String, in directories: [String] = []) throws -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    for directory in directories + path.split(separator: ":").map(String.init) {
      let candidate = "\(directory)/\(name)"
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    throw Failure("\(name) is not installed; Scripts/setup run bench installs it")
  }
}
