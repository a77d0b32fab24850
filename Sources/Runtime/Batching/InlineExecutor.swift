/// Runs each job at once, on the thread that made it ready.
///
/// For tasks that only pass on what they get, such as the lanes of a `Batcher`: from the thread of a caller
/// to that of a connection and back, without a third thread in between, whose waking would cost more than the
/// job. What such a task does keeps whoever resumed it waiting, so it must be short and never block.
final class InlineExecutor: TaskExecutor {
  static let shared = InlineExecutor()

  func enqueue(_ job: consuming ExecutorJob) {
    UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
  }
}
