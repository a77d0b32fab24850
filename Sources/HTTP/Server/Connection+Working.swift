import CMicroHTTPD
import Dispatch

/// The handler at work. Its task prefers this connection as its executor, and the connection's jobs run on
/// the polling thread that serves it: when a handler that waited is resumed, the connection is resumed with
/// it, and libmicrohttpd calls back to run the rest and to send the answer at once. So a request costs no
/// change of threads beyond the one that whoever it waited for makes anyway.
extension Connection: TaskExecutor {
  /// Requests with larger bodies are handled on the shared pool, so that reading them keeps nobody waiting;
  /// so are those of routes that say so.
  private static let inlineLimit = 16 << 10

  /// Starts the handler.
  func run(_ match: RouteMatch, _ method: Method, _ target: Target, _ id: RequestID) -> MHD_Result {
    let now = Monotonic.now
    let generation: UInt64? = exchange.withLock { exchange in
      guard exchange.phase == .receiving else { return nil }
      exchange.enter(.running, at: now)
      exchange.id = id.text
      exchange.route = match.route.template
      return exchange.generation
    }
    guard let generation else { return .NO }
    let body = intake.body
    intake.body = []
    let request = Request(
      Request.Core(
        method: method, target: target, match: match, headers: .live(self, generation: generation),
        media: intake.media, body: body, id: id.text, deadline: now + core.handlerTimeout))
    let work: @Sendable () async -> Void = { [self] in
      finish(generation, await core.router.respond(request))
    }
    let isInline = body.count <= Self.inlineLimit && !match.route.isHeavy
    let task = isInline ? Task(executorPreference: self) { await work() } : Task { await work() }
    exchange.withLock { if $0.isHandling(generation) { $0.task = task } }
    return proceedWithJobs()
  }

  /// Runs what is ready, then queues the answer if it is there, else suspends the connection until there is
  /// more.
  func proceedWithJobs() -> MHD_Result {
    while true {
      switch exchange.withLock({ next(&$0) }) {
      case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
      case .answer(let response, let late):
        late.forEach(runElsewhere)
        return queue(response)
      case .park:
        intake.stage = .parked
        return .YES
      }
    }
  }

  private enum Step {
    case job(UnownedJob)
    /// The answer, and jobs of tasks that outlive it.
    case answer(Response, late: [UnownedJob])
    case park
  }

  private func next(_ exchange: inout Exchange) -> Step {
    if exchange.phase != .answered, core.isRefusing {
      exchange.response = core.router.answer(.shuttingDown, exchange.id)
      exchange.enter(.answered)
    }
    if exchange.phase == .answered, let response = exchange.response.take() {
      defer { exchange.jobs = [] }
      return .answer(response, late: exchange.jobs)
    }
    if !exchange.jobs.isEmpty { return .job(exchange.jobs.removeFirst()) }
    exchange.enter(.suspended, at: exchange.since)
    MHD_suspend_connection(handle)
    return .park
  }

  /// Called by the concurrency runtime, on any thread, when the handler's task or a child of it can go on.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isTaken = exchange.withLock { exchange in
      switch exchange.phase {
      case .running:
        exchange.jobs.append(job)
      case .suspended:
        exchange.jobs.append(job)
        exchange.enter(.running, at: exchange.since)
        MHD_resume_connection(handle)
      default: return false
      }
      return true
    }
    if !isTaken { runElsewhere(job) }
  }

  /// A handler that outlives its request is cancelled, and what of it is ready to run must still run.
  func leave(_ remains: Exchange.Remains) {
    remains.task?.cancel()
    remains.jobs.forEach(runElsewhere)
  }

  /// The request is over but a task of it is not: it ends on the shared pool.
  private func runElsewhere(_ job: UnownedJob) {
    DispatchQueue.global().async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
