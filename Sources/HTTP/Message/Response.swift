import JSON

/// An answer: status, header fields, and the whole body in memory.
public struct Response: Sendable, Equatable {
  public var status: Status
  /// Nil when there is no body.
  public var contentType: String?
  /// Further fields. `Date`, `Content-Length`, `Connection` and `X-Request-Id` are the server's.
  /// A field whose name or value HTTP does not allow (a line break in it) is not sent.
  public private(set) var headers: [Header] = []
  public var body: [UInt8]

  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String
  }

  public init(_ status: Status, contentType: String? = nil, body: [UInt8] = []) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  public static func json(
    _ status: Status = .ok, capacity: Int = 512, _ write: (inout JSONWriter) throws -> Void
  ) rethrows -> Response {
    Response(status, contentType: ContentType.json, body: try JSON.write(capacity: capacity, write))
  }

  public static func json(_ value: some JSONWritable, _ status: Status = .ok) -> Response {
    json(status) { $0.value(value) }
  }

  public static func text(_ text: String, _ status: Status = .ok) -> Response {
    Response(status, contentType: ContentType.text, body: Array(text.utf8))
  }

  public static var noContent: Response { Response(.noContent) }

  /// 201 with where the new thing is.
  public func at(_ location: String) -> Response { with("Location", location) }

  /// The same answer with one more field.
  public func with(_ name: String, _ value: String) -> Response {
    var copy = self
    copy.headers.append(Header(name: name, value: value))
    return copy
  }

  /// The first field of this name, compared without case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}
