import Glibc

/// Why the server could not start.
public struct ListenError: Error, Sendable, CustomStringConvertible {
  public var description: String
}

/// A listening TCP socket.
struct Listener: ~Copyable {
  let socket: Int32
  let port: Int

  /// - Throws: `ListenError`, e.g. when the port is taken.
  init(host: String, port: Int, backlog: Int) throws(ListenError) {
    guard let wire = UInt16(exactly: port) else { throw ListenError(description: "port \(port) is none") }
    let family = host.contains(":") ? AF_INET6 : AF_INET
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = Glibc.socket(family, type, 0)
    guard socket >= 0 else { throw Self.failure("open a socket", host, port) }
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, size)
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
    guard try Self.bind(socket, host, wire) == 0, listen(socket, Int32(backlog)) == 0 else {
      defer { close(socket) }
      throw Self.failure("listen", host, port)
    }
    self.socket = socket
    self.port = Self.boundPort(socket)
  }

  deinit { close(socket) }

  private static func failure(_ action: String, _ host: String, _ port: Int) -> ListenError {
    ListenError(description: "cannot \(action) on \(host) port \(port): \(String(cString: strerror(errno)))")
  }

  private static func bind(_ socket: Int32, _ host: String, _ port: UInt16) throws(ListenError) -> Int32 {
    var four = sockaddr_in()
    if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      return bind(socket, four)
    }
    var six = sockaddr_in6()
    guard inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else {
      close(socket)
      throw ListenError(description: "\(host) is no numeric IPv4 or IPv6 address")
    }
    six.sin6_family = sa_family_t(AF_INET6)
    six.sin6_port = port.bigEndian
    return bind(socket, six)
  }

  private static func bind(_ socket: Int32, _ address: some Any) -> Int32 {
    withUnsafeBytes(of: address) { bytes in
      Glibc.bind(socket, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
    }
  }

  private static func boundPort(_ socket: Int32) -> Int {
    var address = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &size) }
      // The port stands at the same place in both families.
      return Int(UInt16(bigEndian: pointer.pointee.sin6_port))
    }
  }
}
