import Domain
import Postgres
import Store

/// An answer as it went out, to be given again for the same idempotency key.
public struct KeptAnswer: Hashable, Sendable {
  public let status: Int
  public let body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// The idempotency key of a command, and how its outcome becomes the answer that is kept.
public struct Idempotency<Outcome: Sendable>: Sendable {
  public let use: IdempotencyStore.Use
  /// Pure, since it runs inside the transaction. Nil for an outcome that had no effect, such as a refusal:
  /// nothing is kept, and the command may be tried again under the same key.
  public let answer: @Sendable (Outcome) -> KeptAnswer?

  public init(_ use: IdempotencyStore.Use, answer: @escaping @Sendable (Outcome) -> KeptAnswer?) {
    self.use = use
    self.answer = answer
  }
}

/// What came of a command that may carry an idempotency key.
public enum Answered<Outcome: Sendable>: Sendable {
  case fresh(Outcome)
  /// The key was used for this very request before.
  case replayed(KeptAnswer)
  /// The key was used for another request.
  case keyReused
}

extension Answered: Equatable where Outcome: Equatable {}

extension Idempotency {
  /// Runs one command in the transaction, unless its key has an answer already.
  static func perform(
    _ idempotency: Idempotency?, now: Timestamp, in transaction: inout Transaction,
    _ command: (inout Transaction) throws -> Outcome
  ) throws -> Answered<Outcome> {
    guard let idempotency else { return .fresh(try command(&transaction)) }
    let kept = try IdempotencyStore.lock([idempotency.use], now: now, in: &transaction)[0]
    if let earlier = idempotency.earlier(kept) { return earlier }
    let outcome = try command(&transaction)
    if let answer = idempotency.answer(outcome) {
      IdempotencyStore.keep(
        [(idempotency.use, answer.status, answer.body)], now: now, in: &transaction)
    }
    return .fresh(outcome)
  }

  /// What the kept answer means for this request; nil when there is none.
  func earlier(_ kept: IdempotencyStore.Kept?) -> Answered<Outcome>? {
    guard let kept else { return nil }
    guard kept.fingerprint == use.fingerprint else { return .keyReused }
    return .replayed(KeptAnswer(status: kept.status, body: kept.body))
  }
}
