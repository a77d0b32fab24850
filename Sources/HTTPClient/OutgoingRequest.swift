/// A request to a server elsewhere.
public struct OutgoingRequest: Sendable {
  public var method: String
  /// `http` or `https`.
  public var url: String
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]?
  /// For connecting, TLS included.
  public var connectTimeout: Duration
  /// For all of it.
  public var timeout: Duration
  /// Bytes of an answer's body; a longer one is an error.
  public var bodyLimit: Int

  public init(
    _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    connectTimeout: Duration = .seconds(5), timeout: Duration = .seconds(30), bodyLimit: Int = 4 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.connectTimeout = connectTimeout
    self.timeout = timeout
    self.bodyLimit = bodyLimit
  }
}

/// What a server elsewhere answered, whatever its status. Redirects are answers too: none is followed.
public struct IncomingResponse: Sendable {
  public let status: Int
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]

  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first field of this name, compared without case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// Why there is no answer. Neither URLs nor fields are told: they may hold keys.
public struct OutgoingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable {
    /// The URL, a header field or the method is not one.
    case malformed
    /// No connection: a name that DNS does not know, a closed port, a certificate that is not trusted.
    case unreachable
    case timeout
    /// The connection broke, or what came was not HTTP.
    case broken
    /// The answer is longer than allowed.
    case tooLarge
    case cancelled
  }

  public let kind: Kind
  /// Whether the request may have reached the server, so that it may have acted on it.
  public let mayHaveArrived: Bool
  /// libcurl's words for it.
  public let detail: String

  public init(_ kind: Kind, mayHaveArrived: Bool, detail: String) {
    self.kind = kind
    self.mayHaveArrived = mayHaveArrived
    self.detail = detail
  }

  public var description: String { "\(kind.rawValue): \(detail)" }
}
