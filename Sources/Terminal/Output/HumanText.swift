/// Figures for people, and the short forms of spans and sizes that they write.
public enum HumanText {
  /// `1,234,567`.
  public static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// `1 number`, `5 numbers`.
  public static func count(_ value: Int, _ noun: String, plural: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? noun : plural ?? noun + "s")"
  }

  /// The two largest units: `850 µs`, `12 ms`, `3.4 s`, `2 min 5 s`, `18 h`, `3 d 4 h`.
  public static func duration(_ span: Duration) -> String {
    if span < .zero { return "-" + duration(.zero - span) }
    let (whole, attoseconds) = span.components
    let micros = Double(attoseconds) / 1e12
    switch whole {
    case 0 where micros < 1_000: return "\(Int(micros)) µs"
    case 0: return "\(Int(micros / 1_000)) ms"
    case 1..<60: return decimal(Double(whole) + micros / 1e6) + " s"
    case 60..<3_600: return pair(whole, 60, "min", 1, "s")
    case 3_600..<86_400: return pair(whole, 3_600, "h", 60, "min")
    default: return pair(whole, 86_400, "d", 3_600, "h")
    }
  }

  /// `512 B`, `1.5 kB`, `3 MB`: powers of 1,024, as settings read them.
  public static func size(_ bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB"] {
      if value < 1_024 || unit == "GB" { return "\(decimal(value)) \(unit)" }
      value /= 1_024
    }
    return "\(bytes) B"
  }

  /// Reads `250ms`, `30s`, `15m`, `18h`, `30d`, or several as in `1h30m`. Nil for anything else, also for a
  /// number without a unit, and for what is longer than a hundred years.
  public static func parseDuration(_ text: String) -> Duration? {
    let milliseconds = ["ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let total = parse(text, units: milliseconds, most: 100 * 366 * 86_400_000) else { return nil }
    return .milliseconds(total)
  }

  /// Reads bytes: `512`, `512B`, `64kB`, `1MB`, `2GB`; units are powers of 1,024 and their case is free.
  public static func parseSize(_ text: String) -> Int? {
    let units = [
      "": 1, "b": 1, "kb": 1 << 10, "k": 1 << 10, "mb": 1 << 20, "m": 1 << 20, "gb": 1 << 30, "g": 1 << 30,
    ]
    return parse(text.lowercased(), units: units, most: 1 << 50)
  }

  private static func parse(_ text: String, units: [String: Int], most: Int) -> Int? {
    var rest = Substring(text.filter { $0 != " " })
    guard !rest.isEmpty else { return nil }
    var total = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { !$0.isNumber }
      rest = rest.dropFirst(letters.count)
      guard let value = Int(digits), let unit = units[String(letters)], value <= most / unit else {
        return nil
      }
      total += value * unit
      guard total <= most else { return nil }
    }
    return total
  }

  private static func pair(
    _ value: Int64, _ big: Int64, _ bigUnit: String, _ small: Int64, _ smallUnit: String
  )
    -> String
  {
    let rest = value % big / small
    return "\(value / big) \(bigUnit)" + (rest > 0 ? " \(rest) \(smallUnit)" : "")
  }

  private static func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded(.down))
    return tenths % 10 == 0 || tenths >= 1_000 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
