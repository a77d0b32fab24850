import Engine
import HTTP
import JSON

/// `/v1/jobs`
struct JobRoutes: Sendable {
  let jobs: JobService

  func add(to operations: inout Operations) {
    operations.add(.get, "/v1/jobs", .readJobs, list)
    operations.add(.post, "/v1/jobs/{job_name}/run", .runJobs, body: BodyRule.none, run)
  }

  @Sendable private func list(_ call: Call) async throws -> Response {
    let all = try await jobs.list()
    return .json { writer in
      writer.object { object in
        object.field("data", all)
        object.field("next_cursor", nil as String?)
      }
    }
  }

  @Sendable private func run(_ call: Call) async throws -> Response {
    let name = call.request.parameters["job_name"]
    let render: Renderer<JobRunOutcome> = { outcome throws(Problem) in try Self.answer(outcome, name) }
    let idempotency = try IdempotencyHeader.idempotency(of: call, render)
    return try IdempotencyHeader.response(try await jobs.run(name, idempotency: idempotency), render)
  }

  private static func answer(_ outcome: JobRunOutcome, _ name: String) throws(Problem) -> Response {
    switch outcome {
    case .ran(let processed, let startedAt, let finishedAt):
      let answer = JobRunAnswer(
        name: name, processed: processed, startedAt: startedAt, finishedAt: finishedAt)
      return .json(answer)
    case .failed(let reason): throw Problem(.internalError, "The job failed: \(reason)")
    case .unknownJob: throw .notFound
    case .alreadyRunning: throw Problem(.jobRunning)
    case .underWay: throw Problem(.requestUnderWay, "An earlier request with it runs the job “\(name)”.")
    }
  }
}
