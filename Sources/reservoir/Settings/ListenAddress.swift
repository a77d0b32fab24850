import Runtime

/// Where the server listens: a numeric address and a port.
struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
  let host: String
  /// 0: any free port.
  let port: Int

  /// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `8080`, and `:8080`, which is every address.
  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let portText = parts.last.map(String.init) ?? ""
    guard portText.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(portText),
      (0...65_535).contains(port)
    else { return nil }
    self.port = port
    switch parts.dropLast().joined(separator: ":") {
    case "" where parts.count == 1, "localhost": host = "127.0.0.1"
    case "", "*": host = "::"
    case let name where name.hasPrefix("[") && name.hasSuffix("]"): host = String(name.dropFirst().dropLast())
    case let name where !name.contains(":"): host = name
    default: return nil
    }
  }

  private init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  static let standard = ListenAddress(host: "127.0.0.1", port: 8_080)

  func with(port: Int) -> ListenAddress { ListenAddress(host: host, port: port) }

  var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

  /// An address that a program on this machine can call.
  var url: String {
    switch host {
    case "0.0.0.0", "::": "http://127.0.0.1:\(port)"
    default: "http://\(self)"
    }
  }
}

extension SettingKind<ListenAddress> {
  static var address: Self {
    Self(expected: "an address such as 127.0.0.1:8080", parse: ListenAddress.init(_:)) { $0.description }
  }
}
