/// Requests in the order of their arrival, each with the time until which it waits.
struct WaitQueue {
  private var deadlines: [UInt64: MonotonicTime] = [:]
  /// Ids in order; those that are no longer in `deadlines` have left and are skipped.
  private var order: [UInt64] = []
  private var head = 0

  var count: Int { deadlines.count }
  var isEmpty: Bool { deadlines.isEmpty }

  mutating func append(_ id: UInt64, deadline: MonotonicTime) {
    deadlines[id] = deadline
    order.append(id)
  }

  /// To the front, for one that had its turn in vain.
  mutating func putBack(_ id: UInt64, deadline: MonotonicTime) {
    deadlines[id] = deadline
    if head > 0 {
      head -= 1
      order[head] = id
    } else {
      order.insert(id, at: 0)
    }
  }

  /// False if it is not here.
  mutating func remove(_ id: UInt64) -> Bool { deadlines.removeValue(forKey: id) != nil }

  mutating func popFirst() -> UInt64? {
    skipGone()
    guard head < order.count else { return nil }
    let id = order[head]
    head += 1
    deadlines[id] = nil
    return id
  }

  /// Those whose time is up, in order.
  mutating func removeExpired(now: MonotonicTime) -> [UInt64] {
    let expired = order[head...].filter { id in deadlines[id].map { $0 <= now } ?? false }
    for id in expired { deadlines[id] = nil }
    return expired
  }

  mutating func removeAll() -> [UInt64] {
    let all = order[head...].filter { deadlines[$0] != nil }
    self = WaitQueue()
    return all
  }

  var firstDeadline: MonotonicTime? { deadlines.isEmpty ? nil : deadlines.values.min() }

  private mutating func skipGone() {
    while head < order.count, deadlines[order[head]] == nil { head += 1 }
    if head > 64, head * 2 > order.count {
      order.removeFirst(head)
      head = 0
    }
  }
}
