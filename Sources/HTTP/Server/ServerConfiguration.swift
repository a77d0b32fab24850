/// How the server listens and what it allows. Every bound is there so that no client can hold what others
/// need.
public struct ServerConfiguration: Sendable {
  public static let defaultBodyLimit = 1 << 20

  /// A numeric IPv4 or IPv6 address; `::` serves both.
  public var host: String
  /// 0: any free port, see `HTTPServer.port`.
  public var port: Int
  /// Polling threads. One serves tens of thousands of requests a second.
  public var threads: Int = 1
  public var backlog: Int = 1024
  /// All threads together; beyond it new connections wait in the backlog.
  public var connections: Int = 4096
  /// Of one client address, on each polling thread; 0: no limit. Beyond it new connections are closed.
  public var connectionsPerAddress: Int = 0

  /// Bytes of body, unless the route says otherwise; beyond it 413.
  public var bodyLimit: Int = ServerConfiguration.defaultBodyLimit
  /// Bytes of request line and header; beyond it 414 or 431. Approximate: libmicrohttpd's bookkeeping shares
  /// this memory.
  public var headerLimit: Int = 8 << 10

  /// A connection without a request is closed after that.
  public var idleTimeout: Duration = .seconds(60)
  /// From the request line to the last byte of the body; beyond it 408. Also from connecting to the first
  /// request line; beyond it the connection is closed.
  public var receiveTimeout: Duration = .seconds(15)
  /// For the handler; beyond it its task is cancelled, and after `cancellationGrace` more the client gets
  /// 503.
  public var handlerTimeout: Duration = .seconds(30)
  public var cancellationGrace: Duration = .seconds(5)
  /// For the client to take the answer.
  public var sendTimeout: Duration = .seconds(60)
  /// On stopping: how long requests under way may still take.
  public var drainTimeout: Duration = .seconds(20)

  public init(host: String = "127.0.0.1", port: Int = 8080) {
    self.host = host
    self.port = port
  }

  /// How often the bounds in time are looked after: a quarter of the shortest, 10 ms to 500 ms.
  var sweepInterval: Duration {
    let shortest = [idleTimeout, receiveTimeout, handlerTimeout, sendTimeout].min() ?? .seconds(1)
    return min(max(shortest / 4, .milliseconds(10)), .milliseconds(500))
  }
}
