/// The parameters of a query, decoded.
enum Query {
  /// - Throws: `Problem` invalid-parameter for a bad escape, an unknown name, or a name given twice.
  static func parse(_ target: Target, allowed: [String]) throws(Problem) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    var faults: [Problem.Fault] = []
    for part in target.bytes[target.queryRange].split(separator: UInt8(ascii: "&")) {
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      guard let name = Percent.decode(part[..<equals], plusIsSpace: true) else {
        faults.append(Problem.Fault("bad percent-encoding", parameter: ""))
        continue
      }
      guard let value = Percent.decode(part[equals...].dropFirst(), plusIsSpace: true) else {
        faults.append(Problem.Fault("bad percent-encoding", parameter: shown(name)))
        continue
      }
      if !allowed.contains(name) {
        faults.append(Problem.Fault("unknown parameter", parameter: shown(name)))
      } else if pairs.contains(where: { $0.name == name }) {
        faults.append(Problem.Fault("given more than once", parameter: name))
      } else {
        pairs.append((name, value))
      }
    }
    if !faults.isEmpty { throw Problem(.invalidParameter, faults: Array(faults.prefix(20))) }
    return pairs
  }

  private static func shown(_ name: String) -> String { String(name.unicodeScalars.prefix(64)) }
}
