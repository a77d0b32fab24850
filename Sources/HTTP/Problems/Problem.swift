import JSON

/// An expected no, as RFC 9457 writes it. Thrown by a handler, it is the answer.
public struct Problem: Error, Sendable, Equatable {
  /// What kind of problem: a stable name, which becomes the last part of `type`.
  public struct Kind: Sendable, Hashable {
    public let slug: String
    public let title: String
    public let status: Status

    public init(_ slug: String, _ title: String, _ status: Status) {
      self.slug = slug
      self.title = title
      self.status = status
    }
  }

  /// One place in the request, and what is wrong there. Never holds the value itself.
  public struct Fault: Sendable, Equatable {
    public enum Place: Sendable, Equatable {
      /// RFC 6901, into the body.
      case pointer(String)
      /// Of the query or the path.
      case parameter(String)
      case header(String)
    }

    public var detail: String
    public var place: Place

    public init(_ detail: String, pointer: String) {
      self.detail = detail
      place = .pointer(pointer)
    }
    public init(_ detail: String, parameter: String) {
      self.detail = detail
      place = .parameter(parameter)
    }
    public init(_ detail: String, header: String) {
      self.detail = detail
      place = .header(header)
    }
  }

  public var kind: Kind
  /// A sentence about this occurrence, without personal data.
  public var detail: String?
  public var faults: [Fault]
  /// Further members, e.g. totals of an exhausted pool.
  public var extensions: JSONMap
  public private(set) var headers: [Response.Header] = []

  public init(
    _ kind: Kind, _ detail: String? = nil, faults: [Fault] = [], extensions: JSONMap = JSONMap()
  ) {
    self.kind = kind
    self.detail = detail
    self.faults = faults
    self.extensions = extensions
  }

  public var status: Status { kind.status }

  /// The same problem with one more header field.
  public func with(_ name: String, _ value: String) -> Problem {
    var copy = self
    copy.headers.append(Response.Header(name: name, value: value))
    return copy
  }

  /// Tells the client when to try again: whole seconds, rounded up, at least one.
  public func retry(after delay: Duration) -> Problem {
    let (seconds, attoseconds) = delay.components
    return with("Retry-After", String(max(1, seconds + (attoseconds > 0 ? 1 : 0))))
  }
}
