import API
import Domain
import Engine
import Terminal

extension ReservoirProgram {
  var jobs: Command {
    Command("jobs", "Background work: what ran when, and running it now.", subcommands: [listJobs, runJob])
  }

  private var listJobs: Command {
    command(
      "list", "Lists the jobs with their last run on any server.",
      examples: [Example("reservoir jobs list", "What ran when.")]
    ) { context in
      try await context.withServices { services in
        let jobs = try await services.jobs.list()
        context.print(
          jobs,
          [.text("NAME"), .text("EVERY"), .whole("LAST FINISHED"), .text("RESULT"), .whole("NEXT")],
          empty: "no jobs"
        ) {
          let job = $0
          return [
            job.name, HumanText.duration(job.interval), job.lastFinishedAt?.description ?? "never",
            job.lastError ?? job.lastResult?.rawValue ?? "-", job.nextRunAt?.description ?? "-",
          ]
        }
        return .success
      }
    }
  }

  private var runJob: Command {
    command(
      "run", "Runs a job now, due or not.",
      positionals: [.required("name", "The job, as 'jobs list' shows it.")],
      examples: [Example("reservoir jobs run sweep", "Ends the leases whose time is over.")]
    ) { context in
      let name = context.invocation.text("name")
      return try await context.withServices { services in
        guard case .fresh(let outcome) = try await services.jobs.run(name) else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        switch outcome {
        case .ran(let processed, let start, let end):
          context.print("\(name): \(HumanText.count(processed)) done in \(HumanText.duration(end - start))") {
            writer in
            writer.object {
              $0.field("name", name)
              $0.field("processed", processed)
              $0.field("started_at", "\(start)")
              $0.field("finished_at", "\(end)")
            }
          }
          return .success
        case .failed(let reason): throw CommandFailure("the job failed: \(reason)")
        case .alreadyRunning, .underWay:
          throw CommandFailure("the job is running already, here or on another server")
        case .unknownJob:
          let names = try await services.jobs.list().map(\.name).joined(separator: ", ")
          throw CommandFailure("there is no job '\(visible(name))'; there are \(names)")
        }
      }
    }
  }
}
