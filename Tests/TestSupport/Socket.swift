import Glibc

/// A blocking TCP connection to this machine. It blocks the thread that uses it.
public final class Socket {
  public struct Failure: Error, Hashable, CustomStringConvertible {
    public let operation: String
    public let code: Int32
    public var isTimeout: Bool { code == EAGAIN || code == EWOULDBLOCK }
    public var description: String { "\(operation): \(String(cString: strerror(code)))" }
  }

  private let file: Int32

  /// - Parameter timeout: how long a read or write may take.
  public init(port: UInt16, timeout: Duration = .seconds(30)) throws(Failure) {
    file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard file >= 0 else { throw Failure(operation: "socket", code: errno) }
    var limit = timeval(
      tv_sec: Int(timeout.components.seconds),
      tv_usec: Int(timeout.components.attoseconds / 1_000_000_000_000))
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    var yes: Int32 = 1
    setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // What is thrown from here on runs `deinit`, which closes the file: once.
    guard result == 0 else { throw Failure(operation: "connect", code: errno) }
    guard !isConnectedToItself else { throw Failure(operation: "connect", code: ECONNREFUSED) }
  }

  /// Where nobody listens on a port of those that the system hands out, it may hand out that very port.
  private var isConnectedToItself: Bool {
    Self.port(getsockname, file) == Self.port(getpeername, file)
  }

  private static func port(
    _ ask: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32, _ file: Int32
  ) -> in_port_t {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(file, $0, &size) }
    }
    return address.sin_port
  }

  deinit { close(file) }

  public func write(_ bytes: some Collection<UInt8>) throws(Failure) {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(file, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Failure(operation: "write", code: errno) }
      sent += count
    }
  }

  /// At least one byte; none when the other side has closed.
  public func read() throws(Failure) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = recv(file, &chunk, chunk.count, 0)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(operation: "read", code: errno) }
      return Array(chunk[..<count])
    }
  }

  /// Says that nothing more will be written; reading goes on.
  public func endWriting() { _ = shutdown(file, Int32(SHUT_WR)) }
}
