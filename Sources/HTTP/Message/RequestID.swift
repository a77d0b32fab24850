import Synchronization

/// The name of one request in logs, answers and problems.
struct RequestID: Sendable {
  let text: String

  /// A client's own id: 1 to 64 visible ASCII characters.
  init?(given text: String) {
    guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    self.text = text
  }

  init?(given bytes: UnsafeBufferPointer<UInt8>) {
    guard (1...64).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    text = String(decoding: bytes, as: UTF8.self)
  }

  private init(_ text: String) { self.text = text }

  /// 13 characters of base 32: a counter from a random start, mixed by a bijection, hence never twice in one
  /// process. Short enough to need no memory of its own.
  static func fresh() -> RequestID {
    var bits = mix(counter.wrappingAdd(1, ordering: .relaxed).newValue)
    return RequestID(
      String(unsafeUninitializedCapacity: 13) { buffer in
        for index in 0..<13 {
          buffer.initializeElement(at: index, to: alphabet[Int(bits & 31)])
          bits >>= 5
        }
        return 13
      })
  }

  private static let counter = Atomic<UInt64>(UInt64.random(in: 0...UInt64.max))
  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// The finaliser of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
