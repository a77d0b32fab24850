import Domain
import JSON
import Postgres
import Runtime
import Store

/// What the server knows about its payment provider.
public struct PaymentSettings: Sendable {
  /// Of the webhook's endpoint; none: no webhook is taken. Any of them will do, while one is being replaced.
  public var secrets: [Secret]
  public var tolerance: Duration
  /// Whether events of live mode are expected, or those of the test mode.
  public var expectsLive: Bool

  public init(
    secrets: [Secret] = [], tolerance: Duration = StripeSignature.tolerance, expectsLive: Bool = false
  ) {
    self.secrets = secrets
    self.tolerance = tolerance
    self.expectsLive = expectsLive
  }
}

/// What an operator may want to hear about an event.
public enum PaymentNotice: Hashable, Sendable {
  case processed(PaymentEventStore.Record)
  /// It could not be processed, and is tried again by itself if its record says when.
  case failed(PaymentEventStore.Record)
  /// It was processed, and somebody should look at it: a refund, a dispute.
  case alert(PaymentEventStore.Record)
}

/// Payments as the payment provider's webhook tells them: each event is stored, then processed once, in one
/// transaction with all that follows from it, and can be processed again.
///
/// Nothing hangs on the order of their arrival (`PaymentHistory`).
public final class PaymentService: Sendable {
  /// Whether a webhook may be believed.
  public enum Verdict: Hashable, Sendable {
    case genuine
    case refused(StripeSignature.Refusal)
    /// No secret is configured.
    case notConfigured
  }

  /// What became of a webhook.
  public enum Receipt: Hashable, Sendable {
    /// Not stored; a field is a path from the top.
    case malformed(FieldErrors)
    /// `isNew`: it had not been delivered before.
    case stored(PaymentEventStore.Record, isNew: Bool)
  }

  let database: Database
  let time: any TimeSource
  let settings: PaymentSettings
  private let onNotice: @Sendable (PaymentNotice) -> Void
  private let refusals: Family<Counter>
  private let deliveries: Family<Counter>
  private let outcomes: Family<Counter>

  /// - Parameter onNotice: called on any thread after an event was processed or failed here.
  public init(
    database: Database, time: any TimeSource, settings: PaymentSettings = PaymentSettings(),
    metrics: Metrics = Metrics(), onNotice: @escaping @Sendable (PaymentNotice) -> Void = { _ in }
  ) {
    self.database = database
    self.time = time
    self.settings = settings
    self.onNotice = onNotice
    refusals = metrics.counters(
      "reservoir_payment_signatures_refused_total", "Webhooks that were not believed.", labels: ["reason"])
    deliveries = metrics.counters(
      "reservoir_payment_deliveries_total", "Genuine webhooks by whether the event was new.",
      labels: ["delivery"])
    outcomes = metrics.counters(
      "reservoir_payment_events_total", "Attempts to process payment events by the state after it.",
      labels: ["state"])
  }

  // MARK: The webhook

  public func verdict(on body: [UInt8], signature: String?) -> Verdict {
    guard !settings.secrets.isEmpty else { return .notConfigured }
    let refusal = StripeSignature.refusal(
      of: signature, body: body, secrets: settings.secrets, now: time.now, tolerance: settings.tolerance)
    guard let refusal else { return .genuine }
    refusals[refusal.rawValue].add()
    return .refused(refusal)
  }

  /// Stores a genuine webhook; then processes it, so that the effect is there when the provider gets its
  /// answer. If that fails the event is safe, and a job goes on with it.
  ///
  /// - Throws: what keeps it from being stored; the provider sends it again.
  public func receive(_ body: [UInt8]) async throws -> Receipt {
    let event: StripeEvent
    do { event = try StripeEvent(try JSONValue(parsing: body)) } catch let error as FieldErrors {
      return .malformed(error)
    } catch let error as JSONSyntaxError {
      return .malformed(FieldErrors([FieldError(field: "", detail: error.reason.rawValue)]))
    }
    let now = time.now
    let new = PaymentEventStore.New(
      id: event.id, type: event.type, references: event.references, at: event.createdAt,
      isLive: event.isLive, payload: body)
    let (isNew, stored) = try await database.transaction { transaction in
      let isNew = try PaymentEventStore.insert(
        new, now: now, retryAt: now + PaymentRetry.first, in: &transaction)
      return (isNew, try PaymentEventStore.find(new.id, in: &transaction))
    }
    guard let stored else { preconditionFailure("an event that was stored is there") }
    deliveries[isNew ? "new" : "repeated"].add()
    guard stored.state == .received || stored.state == .failed else { return .stored(stored, isNew: isNew) }
    let processed = try? await process(event.id)
    return .stored(processed ?? stored, isNew: isNew)
  }

  // MARK: Processing

  /// Processes an event that was not processed yet, and those that had waited for what it told. Nil when
  /// there is no such event.
  func process(_ id: String) async throws -> PaymentEventStore.Record? {
    let now = time.now
    let done: PaymentProcessing.Done?
    do {
      done = try await database.transaction { [settings] transaction in
        try PaymentProcessing(settings, now: now).run(id, isReplay: false, in: &transaction)
      }
    } catch {
      try await note(error, about: id, now: now)
      throw error
    }
    guard let done else { return nil }
    tell(done)
    if let learned = done.learned { await processWaiting(payer: learned.payer, learned.subscription) }
    return done.record
  }

  /// What nobody expected: kept with the event, which is tried again.
  private func note(_ error: any Error, about id: String, now: Timestamp) async throws {
    let text = Redaction.scrub(String(describing: error))
    let record = try await database.transaction { transaction in
      guard let (record, _) = try PaymentEventStore.lock(id, in: &transaction),
        record.state == .received || record.state == .failed
      else { return PaymentEventStore.Record?.none }
      PaymentEventStore.fail(
        id, "fault", text, client: nil,
        retryAt: PaymentRetry.next(after: record.attempts + 1, now: now), in: &transaction)
      return try PaymentEventStore.find(id, in: &transaction)
    }
    if let record { tell(PaymentProcessing.Done(record: record)) }
  }

  func tell(_ done: PaymentProcessing.Done) {
    guard !done.wasDone else { return }
    // A replay that failed leaves the event as processed as it was, with its failure beside it.
    let state = done.record.failure == nil ? done.record.state : .failed
    outcomes[state.rawValue].add()
    switch state {
    case .processed: onNotice(done.isAlert ? .alert(done.record) : .processed(done.record))
    case .failed: onNotice(.failed(done.record))
    case .received, .ignored: break
    }
  }

  /// Those that failed because nobody knew whose they are, in the order in which they happened. What fails
  /// again is its job's to do.
  func processWaiting(payer: String?, _ subscription: String?) async {
    let waiting = try? await database.transaction(.init(isReadOnly: true)) {
      try PaymentEventStore.waiting(payer: payer, subscription: subscription, limit: 100, in: &$0)
    }
    await processAll(waiting ?? [])
  }

  func processAll(_ ids: [String]) async {
    for id in ids { _ = try? await process(id) }
  }

  /// Those whose time has come; how many.
  func processDue(now: Timestamp, limit: Int) async throws -> Int {
    let due = try await database.transaction(.init(isReadOnly: true)) {
      try PaymentEventStore.due(now: now, limit: limit, in: &$0)
    }
    for id in due {
      do { _ = try await process(id) } catch is CancellationError { throw CancellationError() } catch {
        // It is noted with the event; the others are not to wait for it.
        continue
      }
    }
    return due.count
  }
}

/// Goes on with events that could not be processed when they arrived.
public struct PaymentEventsJob: Job {
  public let name = "payment-events"
  public let interval: Duration
  private let payments: PaymentService

  public init(_ payments: PaymentService, interval: Duration = .seconds(15)) {
    self.payments = payments
    self.interval = interval
  }

  public func runOnce(now: Timestamp, limit: Int) async throws -> JobReport {
    let count = try await payments.processDue(now: now, limit: limit)
    return JobReport(processed: count, hasMore: count == limit)
  }
}
