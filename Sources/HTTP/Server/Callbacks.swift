import CMicroHTTPD

/// What libmicrohttpd calls, on its own threads. The context is the `ServerCore`; a connection's context is
/// its `Connection`, retained from STARTED to CLOSED.
enum Callbacks {
  static let connection: MHD_NotifyConnectionCallback = { context, handle, slot, event in
    guard let context, let handle, let slot else { return }
    switch event {
    case .CONNECTION_NOTIFY_STARTED:
      let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
      let connection = Connection(core, handle)
      core.opened(connection)
      slot.pointee = Unmanaged.passRetained(connection).toOpaque()
    case .CONNECTION_NOTIFY_CLOSED:
      guard let opaque = slot.pointee else { return }
      slot.pointee = nil
      Unmanaged<Connection>.fromOpaque(opaque).takeRetainedValue().closed()
    default: break
    }
  }

  static let target:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
      UnsafeMutableRawPointer? =
      { _, uri, handle in
        if let uri, let handle { Connection.of(handle)?.began(uri) }
        return nil
      }

  static let access: MHD_AccessHandlerCallback = { _, handle, _, method, version, data, size, _ in
    guard let handle, let method, let version, let size, let connection = Connection.of(handle) else {
      return .NO
    }
    return connection.proceed(method, version, data, size)
  }

  static let completed: MHD_RequestCompletedCallback = { _, handle, _, code in
    guard let handle else { return }
    Connection.of(handle)?.ended(code)
  }
}
