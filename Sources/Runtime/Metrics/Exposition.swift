/// The names and values of a series' labels.
public struct LabelSet: Sendable {
  let pairs: [(name: String, value: String)]

  func adding(_ name: String, _ value: String) -> LabelSet { LabelSet(pairs: pairs + [(name, value)]) }
}

/// Prometheus' text form, version 0.0.4.
public struct Exposition: Sendable {
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  public private(set) var text = ""

  mutating func head(_ name: String, _ kind: MetricKind, help: String) {
    let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ name: String, _ labels: LabelSet, _ value: Double) {
    text += name
    if !labels.pairs.isEmpty {
      text +=
        "{" + labels.pairs.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }
    text += " \(Self.number(value))\n"
  }

  static func number(_ value: Double) -> String {
    if value == .infinity { return "+Inf" }
    if value == -.infinity { return "-Inf" }
    if value.isNaN { return "NaN" }
    return Int(exactly: value).map(String.init) ?? "\(value)"
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
