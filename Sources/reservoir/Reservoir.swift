import Foundation
import Terminal

/// The process: the only place that reads the environment and the arguments.
@main
struct Reservoir {
  static func main() async {
    // A reader that went away shows in what a write returns.
    signal(SIGPIPE, SIG_IGN)
    let environment = ProcessInfo.processInfo.environment
    let program = ReservoirProgram(environment: environment).program
    let status = await program.run(
      Array(CommandLine.arguments.dropFirst()), console: Console(environment: environment))
    exit(status.rawValue)
  }
}
