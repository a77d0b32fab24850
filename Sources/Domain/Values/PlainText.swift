extension String {
  /// Whether this is one line of text as people type it: `lengths` characters, no control character,
  /// nothing to trim at either end. The rule behind every name that the product stores.
  public func isPlainLine(_ lengths: ClosedRange<Int>) -> Bool {
    if let isPlain = isPlainASCIILine(lengths) { return isPlain }
    // Bytes first: counting the characters of a huge text is slow, and no character needs 256 bytes.
    guard utf8.count <= lengths.upperBound * 256, lengths.contains(count), !containsControlCharacter,
      let first = unicodeScalars.first, let last = unicodeScalars.last
    else { return false }
    return !first.properties.isWhitespace && !last.properties.isWhitespace
  }

  /// The same for ASCII, where a byte is a character and the questions are comparisons; nil for other text.
  private func isPlainASCIILine(_ lengths: ClosedRange<Int>) -> Bool? {
    var isPlain = true
    for byte in utf8 {
      if byte >= 0x80 { return nil }
      if byte < 0x20 || byte == 0x7F { isPlain = false }
    }
    let space = UInt8(ascii: " ")
    return isPlain && lengths.contains(utf8.count) && utf8.first != space && utf8.last != space
  }

  /// Whether any scalar is a control character (C0, DEL, C1) or a line or paragraph separator.
  var containsControlCharacter: Bool {
    unicodeScalars.contains { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }

  /// Without white space at both ends.
  public var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
