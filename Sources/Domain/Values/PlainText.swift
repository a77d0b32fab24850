extension String {
  /// Whether this is one line of text as people type it: `lengths` characters, no control character,
  /// nothing to trim at either end. The rule behind every name that the product stores.
  public func isPlainLine(_ lengths: ClosedRange<Int>) -> Bool {
    // Bytes first: counting the characters of a huge text is slow, and no character needs 256 bytes.
    guard utf8.count <= lengths.upperBound * 256, lengths.contains(count), !containsControlCharacter,
      let first = unicodeScalars.first, let last = unicodeScalars.last
    else { return false }
    return !first.properties.isWhitespace && !last.properties.isWhitespace
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
  var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
