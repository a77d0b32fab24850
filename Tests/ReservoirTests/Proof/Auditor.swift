import Dispatch
import Synchronization

/// Watches from outside what clients are told, and knows nothing of how the product works.
///
/// A client owns a number from the answer that grants it until it sends its release. Two such spans of one
/// number that overlap, a lease granted twice, or an answer that nobody should get are faults.
final class Auditor: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// A lease as its client was told of it.
  struct Grant: Sendable {
    let id: String
    let number: String
    let term: Int
    let lead: String
    /// The `Idempotency-Key` under which it was asked for.
    let key: String
    let acknowledged = Instant.now
    var releaseSent: Instant?
    var isReleased = false

    init(id: String, number: String, term: Int, lead: String, key: String) {
      self.id = id
      self.number = number
      self.term = term
      self.lead = lead
      self.key = key
    }
  }

  private static let enough = 20

  private struct State {
    var grants: [Grant] = []
    var places: [String: Int] = [:]
    var faults: [String] = []
    var interruptions = 0
    var isOver = false
    var waiting: [Int: (count: Int, done: CheckedContinuation<Bool, Never>)] = [:]
    var nextWaiter = 0
  }

  private let state = Mutex(State())
  private let pauses = DispatchGroup()

  // MARK: What clients tell

  func granted(_ grant: Grant) {
    let woken = state.withLock { state in
      if state.places.updateValue(state.grants.count, forKey: grant.id) != nil {
        state.faults.append("lease \(grant.id) was granted twice")
      }
      state.grants.append(grant)
      let due = state.waiting.filter { $0.value.count <= state.grants.count }
      for id in due.keys { state.waiting[id] = nil }
      return due.values.map(\.done)
    }
    for done in woken { done.resume(returning: true) }
  }

  func releasing(_ id: String) { change(id) { $0.releaseSent = .now } }
  func released(_ id: String) { change(id) { $0.isReleased = true } }
  /// After some of them nobody needs to go on.
  func fault(_ text: String) {
    let woken = state.withLock { state in
      state.faults.append(text)
      guard state.faults.count >= Self.enough else { return [CheckedContinuation<Bool, Never>]() }
      state.isOver = true
      defer { state.waiting = [:] }
      return state.waiting.values.map(\.done)
    }
    for done in woken { done.resume(returning: false) }
  }

  /// A request got 503, or its connection was closed.
  func interrupted() { state.withLock { $0.interruptions += 1 } }

  private func change(_ id: String, _ body: (inout Grant) -> Void) {
    state.withLock { state in
      if let place = state.places[id] { body(&state.grants[place]) }
    }
  }

  // MARK: The run

  /// Clients begin nothing new for as long as `body` takes; what they have begun goes on.
  func paused<R>(_ body: () async throws -> R) async rethrows -> R {
    pauses.enter()
    defer { pauses.leave() }
    return try await body()
  }

  /// Blocks a client's thread while there is a pause.
  func awaitTurn() { pauses.wait() }

  /// Clients end what they have begun and begin nothing new.
  func stop() { state.withLock { $0.isOver = true } }
  var isOver: Bool { state.withLock { $0.isOver } }
  subscript(id: String) -> Grant? { state.withLock { state in state.places[id].map { state.grants[$0] } } }
  var grants: [Grant] { state.withLock { $0.grants } }
  var count: Int { state.withLock { $0.grants.count } }
  var interruptions: Int { state.withLock { $0.interruptions } }

  /// Returns when as many leases were granted, all told; false if they were not in time, or it is over.
  func reaches(_ count: Int, within limit: Duration) async -> Bool {
    await withCheckedContinuation { done in
      let waiter: Int? = state.withLock { state in
        if state.grants.count >= count || state.isOver { return nil }
        state.nextWaiter += 1
        state.waiting[state.nextWaiter] = (count, done)
        return state.nextWaiter
      }
      guard let waiter else { return done.resume(returning: self.count >= count) }
      DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(limit.components.seconds))) {
        self.state.withLock { $0.waiting.removeValue(forKey: waiter) }?.done.resume(returning: false)
      }
    }
  }

  // MARK: The verdict

  /// Everything that must not have been; empty when all is well.
  var findings: [String] {
    let (faults, grants) = state.withLock { ($0.faults, $0.grants) }
    return faults + Dictionary(grouping: grants, by: \.number).values.flatMap(Self.overlaps)
  }

  private static func overlaps(of grants: [Grant]) -> [String] {
    let grants = grants.sorted { $0.acknowledged < $1.acknowledged }
    return zip(grants, grants.dropFirst()).compactMap { before, after in
      if before.releaseSent.map({ $0 > after.acknowledged }) ?? true {
        return "lease \(after.id) was granted while its number was held under \(before.id)"
      }
      return before.term < after.term ? nil : "term \(after.term) came after term \(before.term)"
    }
  }
}
