/// Where header fields are looked up: in a list, or in the connection's memory for as long as the request
/// lives.
enum HeaderSource: Sendable {
  case list([(name: String, value: String)])
  case live(Connection, generation: UInt64)

  func value(_ name: String) -> String? {
    switch self {
    case .list(let fields): fields.first { $0.name.lowercased() == name.lowercased() }?.value
    case .live(let connection, let generation): connection.header(name, generation: generation)
    }
  }
}
