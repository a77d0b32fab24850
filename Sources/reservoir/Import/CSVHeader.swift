import Terminal

/// The first record of a CSV file.
enum CSVHeader {
  /// Where each column stands.
  ///
  /// - Parameters:
  ///   - columns: those that may be there, in whatever order.
  ///   - required: how many of them, from the first, must be there.
  /// - Throws: `CommandFailure` that names the column that is unknown, twice there, or missing.
  static func places(
    _ header: CSVReader.Record, columns: [String], required: Int
  ) throws(CommandFailure) -> [String: Int] {
    var places: [String: Int] = [:]
    for (place, text) in header.fields.enumerated() {
      let name = text.lowercased()
      guard columns.contains(name) else {
        let hint = nearest(to: name, in: columns).map { "; did you mean '\($0)'?" } ?? ""
        throw CommandFailure("line \(header.line): there is no column '\(visible(text))'\(hint)")
      }
      guard places.updateValue(place, forKey: name) == nil else {
        throw CommandFailure("line \(header.line): the column \(name) stands there twice")
      }
    }
    for name in columns.prefix(required) where places[name] == nil {
      throw CommandFailure("line \(header.line): the column \(name) is missing")
    }
    return places
  }
}
