/// What is known of a request when it is over. Holds no path, query, header or body: nothing personal.
public struct RequestReport: Sendable {
  public enum Outcome: String, Sendable {
    /// The answer was sent whole.
    case completed
    /// Refused before it had a method and path that could be routed, or broken off by either side.
    case aborted
    /// The server stopped first.
    case stopped
  }

  public var id: String
  public var method: String
  /// The route's template; nil when no route matched.
  public var route: String?
  /// Nil when there was no answer, or when libmicrohttpd made it by itself.
  public var status: Status?
  /// From the arrival of the request line until the last byte of the answer was handed to the kernel.
  public var duration: Duration
  /// Of the bodies.
  public var bytesReceived: Int
  public var bytesSent: Int
  public var outcome: Outcome
}

/// Learns of every request. Called on the server's own threads: must be quick and must not block.
public protocol RequestObserver: Sendable {
  func requestEnded(_ report: RequestReport)
  /// A handler threw something that is not a `Problem`; the client was told only the id.
  func requestFailed(id: String, route: Route, error: any Error)
}

public struct SilentObserver: RequestObserver {
  public init() {}
  public func requestEnded(_ report: RequestReport) {}
  public func requestFailed(id: String, route: Route, error: any Error) {}
}
