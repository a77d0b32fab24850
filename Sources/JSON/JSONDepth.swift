/// Counts brackets outside strings before the parser runs, so that the bound holds for parts nobody reads
/// too.
enum JSONDepth {
  static func check(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(JSONSyntaxError) {
    var depth = 0
    var inString = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if inString {
        if byte == UInt8(ascii: "\\") {
          index += 1
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
      } else if byte == UInt8(ascii: "\"") {
        inString = true
      } else if byte | 0x20 == UInt8(ascii: "{") {
        depth += 1
        if depth > limit { throw place(bytes, index) }
      } else if byte | 0x20 == UInt8(ascii: "}") {
        depth -= 1
      }
      index += 1
    }
  }

  private static func place(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> JSONSyntaxError {
    let before = bytes[..<index]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let column = bytes[start...index].count { $0 & 0xC0 != 0x80 }
    return JSONSyntaxError(.depth, line: line, column: column)
  }
}
