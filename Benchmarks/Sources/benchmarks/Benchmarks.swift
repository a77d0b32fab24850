import Foundation

@main
struct Benchmarks {
  static func main() {
    do {
      guard let options = try Options(Array(CommandLine.arguments.dropFirst())) else {
        print(Options.help)
        return
      }
      guard let reservoir = options.reservoir else { throw Failure("--reservoir PATH is missing") }
      exit(run(options, reservoir) ? 0 : 1)
    } catch {
      Progress.tell("benchmarks: \(error); see --help")
      exit(2)
    }
  }

  /// Everything that was made is gone afterwards, whatever happened.
  private static func run(_ options: Options, _ reservoir: String) -> Bool {
    do {
      let load = Machine.load
      let scratch = try Scratch(below: options.directory)
      defer { scratch.remove() }
      let interruption = Interruption(removing: scratch)
      defer { withExtendedLifetime(interruption) {} }
      let report = try report(options, URL(fileURLWithPath: reservoir).path, scratch, load)
      print(options.isJSON ? try report.json() : report.text)
      return report.isMet
    } catch {
      Progress.tell("benchmarks: \(error)")
      return false
    }
  }

  private static func report(
    _ options: Options, _ reservoir: String, _ scratch: Scratch, _ load: [Double]
  ) throws -> Report {
    let bench = try Bench(options.plan, reservoir: reservoir, scratch: scratch)
    defer { bench.server.stop() }
    let machine = try Machine(load: load, cluster: bench.cluster, reservoir: reservoir)
    var report = Report(machine: machine, isQuick: options.plan.isQuick)
    if machine.isBusy {
      Progress.tell("warning: load average \(load): the machine is busy with other things")
    }
    for row in options.rows {
      Progress.tell("\(row.rawValue): \(row.help)")
      do {
        let figures = try row.run(bench)
        figures.forEach { Progress.tell("  " + $0.cells.joined(separator: " | ")) }
        report.figures += figures
      } catch {
        Progress.tell("  FAILED: \(error)")
        report.figures.append(Figure(failed: row.help, "\(error)"))
      }
    }
    return report
  }
}
