import Synchronization

extension PhoneNumber {
  /// As `init(parsing:)` in the region US, remembering what was parsed lately: the libphonenumber rules take
  /// some 16 µs, which counts where thousands of requests a second carry a number.
  public init?(recently text: String) {
    guard let number = RecentPhoneNumbers.shared.number(text) else { return nil }
    self = number
  }
}

/// The numbers parsed lately, in two generations: when the younger one is full it becomes the older one, and
/// what nobody asked for in the meantime is forgotten. Wrong texts are not remembered.
final class RecentPhoneNumbers: Sendable {
  static let shared = RecentPhoneNumbers(capacity: 8_192)

  private struct Generations {
    var young: [String: PhoneNumber] = [:]
    var old: [String: PhoneNumber] = [:]
  }

  private let capacity: Int
  private let generations = Mutex(Generations())

  /// - Parameter capacity: of one generation.
  init(capacity: Int) {
    precondition(capacity >= 1)
    self.capacity = capacity
  }

  /// How many texts are remembered; never more than twice the capacity.
  var count: Int { generations.withLock { $0.young.count + $0.old.count } }

  func number(_ text: String) -> PhoneNumber? {
    guard text.utf8.count <= 40 else { return nil }
    if let known = generations.withLock({ $0.young[text] }) { return known }
    let parsed = generations.withLock { $0.old[text] } ?? PhoneNumber(parsing: text)
    guard let parsed else { return nil }
    generations.withLock { generations in
      if generations.young.count >= capacity {
        generations.old = generations.young
        generations.young = [:]
      }
      generations.young[text] = parsed
    }
    return parsed
  }
}
