import Domain
import Synchronization

/// Remembers for a short time who stands behind the hash of a key, and which hashes are nobody's.
final class KeyCache: Sendable {
  enum Look {
    /// Nil: nobody may call with that key.
    case known(Principal?)
    /// Ask, and say with the answer which version of the cache had none.
    case unknown(version: UInt64)
  }

  private struct Entry {
    let principal: Principal?
    let until: Timestamp
  }

  private struct State {
    var granted: [[UInt8]: Entry] = [:]
    /// Apart, so that a flood of wrong keys does not push out the right ones.
    var refused: [[UInt8]: Entry] = [:]
    /// Rises when something is forgotten: an answer that was asked for before may be out of date.
    var version: UInt64 = 0
  }

  private let lifetime: Duration
  private let capacity: Int
  private let state = Mutex(State())

  init(lifetime: Duration, capacity: Int) {
    self.lifetime = lifetime
    self.capacity = capacity
  }

  var count: Int { state.withLock { $0.granted.count + $0.refused.count } }

  func look(_ hash: [UInt8], now: Timestamp) -> Look {
    state.withLock { state in
      guard let entry = state.granted[hash] ?? state.refused[hash], entry.until > now
      else { return .unknown(version: state.version) }
      return .known(entry.principal)
    }
  }

  func keep(_ principal: Principal?, for hash: [UInt8], now: Timestamp, version: UInt64) {
    let entry = Entry(principal: principal, until: now + lifetime)
    state.withLock { state in
      guard state.version == version else { return }
      if principal == nil {
        state.granted[hash] = nil
        Self.keep(entry, for: hash, in: &state.refused, capacity, now)
      } else {
        state.refused[hash] = nil
        Self.keep(entry, for: hash, in: &state.granted, capacity, now)
      }
    }
  }

  func forget(_ id: ID<APIKey>) {
    state.withLock { state in
      state.version += 1
      state.granted = state.granted.filter { $0.value.principal?.keyID != id }
    }
  }

  func forgetAll() {
    state.withLock { state in
      state = State(version: state.version + 1)
    }
  }

  /// When there is no room: without what is out of date, and if that is not enough, without everything.
  private static func keep(
    _ entry: Entry, for hash: [UInt8], in entries: inout [[UInt8]: Entry], _ capacity: Int, _ now: Timestamp
  ) {
    if entries.count >= capacity { entries = entries.filter { $0.value.until > now } }
    if entries.count >= capacity { entries.removeAll(keepingCapacity: true) }
    entries[hash] = entry
  }
}
