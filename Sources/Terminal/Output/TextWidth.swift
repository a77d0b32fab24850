/// The columns that a terminal gives to the text: two for wide East Asian letters and emoji, none for marks
/// that combine with the letter before.
public func displayWidth(_ text: String) -> Int {
  var utf8 = text.utf8.makeIterator()
  while let byte = utf8.next() {
    if byte >= 0x7F || byte < 0x20 { return text.reduce(0) { $0 + columns($1) } }
  }
  return text.utf8.count
}

/// The text with everything that could move the cursor or change the terminal replaced, so that data cannot
/// forge output: control characters and the marks that reverse the direction of text.
public func visible(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
  var safe = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { safe.append(isUnsafe(scalar) ? "\u{FFFD}" : scalar) }
  return String(safe)
}

/// The text cut to `width` columns; `…` shows the cut.
public func truncated(_ text: String, to width: Int) -> String {
  guard displayWidth(text) > width else { return text }
  var result = ""
  var used = 0
  for character in text {
    let next = columns(character)
    guard used + next <= width - 1 else { break }
    used += next
    result.append(character)
  }
  return width > 0 ? result + "…" : ""
}

func padded(_ text: String, to width: Int, right: Bool = false) -> String {
  let pad = String(repeating: " ", count: max(0, width - displayWidth(text)))
  return right ? pad + text : text + pad
}

/// Lines of at most `width` columns, broken at spaces; a longer word stays whole.
func wrap(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, displayWidth(last) + 1 + displayWidth(String(word)) <= width {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}

private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
  default: false
  }
}

private func columns(_ character: Character) -> Int {
  var isWide = false
  var isVisible = false
  for scalar in character.unicodeScalars {
    if scalar.value == 0xFE0F || isWideScalar(scalar) { isWide = true }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .format: break
    default: isVisible = true
    }
  }
  return isVisible ? (isWide ? 2 : 1) : 0
}

/// The blocks with East Asian Width W or F (UAX 11) and emoji that are drawn as pictures.
private func isWideScalar(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
    true
  default: scalar.properties.isEmojiPresentation
  }
}
