import CPostgres

/// Lays out the binds of one statement as libpq wants them: four arrays, and the bytes in one place.
struct ParameterBuffer: ~Copyable {
  private(set) var types: [Oid] = []
  private var offsets: [Int] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []
  private var bytes: [UInt8] = []

  mutating func load(_ binds: [PostgresBind]) {
    types.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    for bind in binds {
      types.append(bind.oid)
      offsets.append(bind.bytes == nil ? -1 : bytes.count)
      lengths.append(Int32(bind.bytes?.count ?? 0))
      if let body = bind.bytes { bytes.append(contentsOf: body) }
    }
    // An empty value still needs an address that is not null.
    bytes.append(0)
    while formats.count < binds.count { formats.append(1) }
    if bytes.capacity > 1 << 20, bytes.count < 1 << 16 { bytes = Array(bytes) }
  }

  typealias Values = UnsafePointer<UnsafePointer<CChar>?>

  func withParameters<R>(
    _ body: (Int32, UnsafePointer<Oid>?, Values?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
  ) -> R {
    bytes.withUnsafeBytes { raw in
      let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: max(1, offsets.count)) {
        values in
        for (index, offset) in offsets.enumerated() {
          values.initializeElement(at: index, to: offset < 0 ? nil : base.map { $0 + offset })
        }
        return body(
          Int32(offsets.count), types, values.baseAddress.map { UnsafePointer($0) }, lengths, formats)
      }
    }
  }
}
