import CMicroHTTPD
import Glibc
import Synchronization

/// One client connection, from accept to close.
///
/// `@unchecked Sendable`: `intake` is touched only by the one polling thread that libmicrohttpd gives the
/// connection, everything that others touch is in `exchange` under its lock, and `handle` and `socket` are
/// used by others only under that lock while the phase proves them alive.
final class Connection: @unchecked Sendable {
  let core: ServerCore
  let handle: OpaquePointer
  let socket: Int32
  let exchange = Mutex(Exchange())
  var intake = Intake()

  init(_ core: ServerCore, _ handle: OpaquePointer) {
    self.core = core
    self.handle = handle
    socket = mhd_connection_socket(handle)
  }

  static func of(_ handle: OpaquePointer) -> Connection? {
    mhd_connection_context(handle).map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
  }

  // MARK: Polling thread

  /// The request line has arrived.
  func began(_ uri: UnsafePointer<CChar>) {
    intake = Intake()
    let bytes = UnsafeRawBufferPointer(start: uri, count: strlen(uri))
    intake.target = Array(bytes)
    intake.targetAddress = UInt(bitPattern: uri)
    exchange.withLock { if $0.phase != .closed { $0.enter(.receiving, at: intake.started) } }
  }

  /// libmicrohttpd is done with the request, well or not.
  func ended(_ code: MHD_RequestTerminationCode) {
    leave(exchange.withLock { $0.reset(.idle) })
    let outcome: RequestReport.Outcome =
      switch code {
      case MHD_RequestTerminationCode.REQUEST_TERMINATED_COMPLETED_OK: .completed
      case MHD_RequestTerminationCode.REQUEST_TERMINATED_DAEMON_SHUTDOWN: .stopped
      default: .aborted
      }
    core.router.observer.requestEnded(
      RequestReport(
        id: (intake.id ?? RequestID.fresh()).text, method: intake.method,
        route: intake.admission?.match?.route.template, status: intake.status,
        duration: Monotonic.now.since(intake.started).duration, bytesReceived: intake.received,
        bytesSent: intake.sent, outcome: outcome))
    intake.admission = nil
    intake.body = []
  }

  /// The socket is about to be closed.
  func closed() {
    leave(exchange.withLock { $0.reset(.closed) })
    core.closed(self)
  }

  // MARK: Any thread

  /// A header field of the request that is being handled; nil when that is over.
  func header(_ name: String, generation: UInt64) -> String? {
    exchange.withLock { exchange in
      guard exchange.isHandling(generation) else { return nil }
      var name = name
      return name.withUTF8 { utf8 in
        var size = 0
        let chars = UnsafeRawBufferPointer(utf8).assumingMemoryBound(to: CChar.self)
        guard let value = mhd_header(handle, chars.baseAddress, chars.count, &size) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: value, count: size)
        let end = bytes.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? 0
        return String(validating: bytes[..<end], as: UTF8.self)
      }
    }
  }

  /// The handler's answer. Ignored when the request is over already.
  func finish(_ generation: UInt64, _ response: Response) {
    exchange.withLock { exchange in
      guard exchange.isHandling(generation) else { return }
      let isParked = exchange.phase == .suspended
      exchange.response = response
      exchange.enter(.answered)
      if isParked { MHD_resume_connection(handle) }
    }
  }
}
