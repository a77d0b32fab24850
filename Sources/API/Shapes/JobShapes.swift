import Domain
import Engine
import JSON

extension JobSummary: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("name", name)
      object.field("interval_seconds", max(1, interval.components.seconds))
      object.field("last_started_at", lastStartedAt)
      object.field("last_finished_at", lastFinishedAt)
      object.field("last_result", lastResult?.rawValue)
      object.field("last_error", lastError)
      object.field("next_run_at", nextRunAt)
    }
  }
}

/// What `POST /v1/jobs/{job_name}/run` did.
struct JobRunAnswer: JSONWritable {
  let name: String
  let processed: Int
  let startedAt: Timestamp
  let finishedAt: Timestamp

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("name", name)
      object.field("processed", processed)
      object.field("started_at", startedAt)
      object.field("finished_at", finishedAt)
    }
  }
}
