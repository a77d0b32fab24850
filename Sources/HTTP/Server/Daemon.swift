import CMicroHTTPD
import Glibc

/// One polling thread of libmicrohttpd with its own copy of the listening socket.
///
/// Several threads are several daemons rather than libmicrohttpd's pool, whose quiescing aborts the process
/// when it meets a worker that is removing the socket at the same moment.
struct Daemon: ~Copyable {
  private let handle: OpaquePointer
  private let socket: Int32

  /// - Throws: `ListenError` when the thread or its epoll set cannot be made.
  init(_ core: ServerCore, _ listener: borrowing Listener) throws(ListenError) {
    let configuration = core.configuration
    let threads = max(1, configuration.threads)
    socket = fcntl(listener.socket, F_DUPFD_CLOEXEC, 0)
    var settings = mhd_settings(
      listen_socket: socket, memory: configuration.headerLimit * 2,
      connections: UInt32(max(1, configuration.connections / threads)),
      connections_per_address: UInt32(configuration.connectionsPerAddress),
      context: Unmanaged.passUnretained(core).toOpaque(), access: Callbacks.access,
      completed: Callbacks.completed, connection: Callbacks.connection, target: Callbacks.target)
    guard let handle = mhd_start(&settings) else {
      close(socket)
      throw ListenError(description: "cannot start a polling thread")
    }
    self.handle = handle
  }

  /// Accepts no more; connections that were not accepted yet are refused by the kernel.
  borrowing func quiesce() {
    MHD_quiesce_daemon(handle)
    shutdown(socket, Int32(SHUT_RDWR))
  }

  /// Ends the thread and closes every connection. None may be suspended, and `quiesce` came before.
  consuming func stop() {
    MHD_stop_daemon(handle)
    close(socket)
  }
}
