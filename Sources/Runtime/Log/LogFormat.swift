import Domain
import Terminal

/// The form of a line.
public enum LogFormat: Sendable, Equatable {
  /// One JSON object a line: `time`, `level`, `message`, then the fields.
  case json
  /// For a terminal: `01:23:45.678 INFO  message  key=value`.
  case human(colours: Bool)

  func line(_ time: Timestamp, _ level: LogLevel, _ message: StaticString, _ fields: LogFields) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(160 + fields.pairs.count * 32)
    switch self {
    case .json: JSONLine.append(time, level, message, fields, to: &line)
    case .human(let colours):
      line += human(time, level, message, fields, colours: colours).utf8
    }
    line.append(UInt8(ascii: "\n"))
    return line
  }

  private func human(
    _ time: Timestamp, _ level: LogLevel, _ message: StaticString, _ fields: LogFields, colours: Bool
  ) -> String {
    func styled(_ text: String, _ code: String) -> String {
      colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
    let codes: [LogLevel: String] = [.debug: "2", .info: "32", .warning: "33", .error: "31"]
    let instant = Timestamp(microseconds: time.microseconds / 1_000 * 1_000).description
    let clock = instant.dropFirst(11).prefix { $0 != "Z" }.prefix(12)
    let clockText = clock.count == 8 ? clock + ".000" : clock
    let name = level.description.uppercased().padding(to: 7)
    var text = "\(styled(String(clockText), "2")) \(styled(name, codes[level] ?? "0")) \(message)"
    for (key, value) in fields.pairs {
      text += "  \(styled(key + "=", "2"))\(visible(value.humanText))"
    }
    return text
  }
}

extension LogValue {
  var humanText: String {
    switch storage {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .text(let text): text.contains(" ") || text.isEmpty ? "\"\(text)\"" : text
    }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }
}

/// The JSON form, written byte by byte: it stands on the path of every request.
enum JSONLine {
  static func append(
    _ time: Timestamp, _ level: LogLevel, _ message: StaticString, _ fields: LogFields, to line: inout [UInt8]
  ) {
    line += "{\"time\":\"".utf8
    line += time.description.utf8
    line += "\",\"level\":\"".utf8
    line += level.description.utf8
    line += "\",\"message\":".utf8
    append(message.description, to: &line)
    for (key, value) in fields.pairs {
      line.append(UInt8(ascii: ","))
      append(key, to: &line)
      line.append(UInt8(ascii: ":"))
      append(value, to: &line)
    }
    line.append(UInt8(ascii: "}"))
  }

  private static func append(_ value: LogValue, to line: inout [UInt8]) {
    switch value.storage {
    case .integer(let value): line += String(value).utf8
    // JSON has no infinity.
    case .number(let value) where value.isFinite: line += "\(value)".utf8
    case .number(let value): append("\(value)", to: &line)
    case .flag(let value): line += (value ? "true" : "false").utf8
    case .text(let text): append(text, to: &line)
    }
  }

  private static func append(_ text: String, to line: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    line.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): line += "\\n".utf8
      case 0..<0x20, 0x7F: line += "\\u00".utf8 + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: line.append(byte)
      }
    }
    line.append(UInt8(ascii: "\""))
  }
}
