import Foundation

/// Numbers as people read them.
enum Text {
  /// 12,345
  static func whole(_ value: Double) -> String {
    var digits = Array(String(Int(value.rounded())))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return String(digits)
  }

  static func whole(_ value: Int) -> String { whole(Double(value)) }

  /// With so many digits after the point.
  static func decimal(_ value: Double, _ digits: Int = 2) -> String {
    String(format: "%.\(digits)f", value)
  }
}

enum Statistics {
  static func median(_ values: [Double]) -> Double {
    precondition(!values.isEmpty)
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// What is under way, on standard error: standard output has the report alone.
enum Progress {
  static func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
