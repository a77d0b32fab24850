/// The identity of one `Entity`: a UUIDv7 (RFC 9562), so that ids sort by the time they were made.
///
/// A phantom type keeps the id of a lead from being passed where the id of a client is wanted.
public struct ID<Entity>: Hashable, Comparable, Sendable {
  /// The first and last eight bytes, big-endian.
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A new id made at `time`; the generator supplies its 74 random bits.
  public init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
    let milliseconds = UInt64(clamping: time.microseconds / 1_000) & 0xFFFF_FFFF_FFFF
    let random = generator.next()
    high = milliseconds << 16 | 0x7000 | (random & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
  }

  public init(at time: Timestamp) {
    var generator = SystemRandomNumberGenerator()
    self.init(at: time, using: &generator)
  }

  public static func < (a: ID, b: ID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension ID: LosslessStringConvertible {
  /// Lower-case hexadecimal in groups of 8-4-4-4-12.
  public var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for index in 0..<16 {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      let half = index < 8 ? high : low
      let byte = UInt8(truncatingIfNeeded: half >> (56 - UInt64(index % 8) * 8))
      text.append(Self.hexadecimal(byte >> 4))
      text.append(Self.hexadecimal(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads the form with hyphens, upper or lower case, of any UUID version. Nil for anything else.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 36 else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for (index, byte) in bytes.enumerated() {
      if [8, 13, 18, 23].contains(index) {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let value = Self.value(ofHexadecimal: byte) else { return nil }
      if digits < 16 { halves.0 = halves.0 << 4 | value } else { halves.1 = halves.1 << 4 | value }
      digits += 1
    }
    self.init(high: halves.0, low: halves.1)
  }

  private static func hexadecimal(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }

  private static func value(ofHexadecimal byte: UInt8) -> UInt64? {
    switch byte {
    case 48...57: UInt64(byte - 48)
    case 97...102: UInt64(byte - 87)
    case 65...70: UInt64(byte - 55)
    default: nil
    }
  }
}
