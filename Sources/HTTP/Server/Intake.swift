/// The request that a connection is receiving. Used by its polling thread alone.
struct Intake {
  enum Stage { case head, body, parked, queued }

  var stage = Stage.head
  var started = Monotonic.now
  var target: [UInt8] = []
  /// Where libmicrohttpd keeps the target, to find a NUL in it.
  var targetAddress: UInt = 0
  var method = ""
  var id: RequestID?
  var media = MediaType.none
  var admission: Admission?
  var body: [UInt8] = []
  var bodyLimit = 0
  /// Bytes of the body that came beyond the limit and were dropped.
  var excess = 0
  var received = 0
  var status: Status?
  var sent = 0

  /// How much beyond the limit is read and dropped, so that a client that is still sending gets its 413
  /// rather than a broken connection.
  static let excessLimit = 1 << 20

  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    received += bytes.count
    if excess > 0 || body.count + bytes.count > bodyLimit {
      excess += bytes.count
      body = []
    } else {
      body.append(contentsOf: bytes)
    }
  }
}
