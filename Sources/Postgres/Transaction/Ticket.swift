import Synchronization

/// The identity of one call of `transaction`, and whether its caller still wants it.
final class Ticket: Sendable {
  let id: UInt64
  private let cancelled = Atomic(false)
  private static let counter = Atomic<UInt64>(0)

  init() { id = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
  func cancel() { cancelled.store(true, ordering: .releasing) }
}
