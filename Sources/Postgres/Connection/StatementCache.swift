/// Which statements a connection has prepared, the least recently used leaving first.
struct StatementCache {
  struct Key: Hashable {
    let text: String
    let types: [UInt32]

    func hash(into hasher: inout Hasher) { hasher.combine(text) }
  }

  private struct Entry {
    let name: String
    var lastUse: UInt64
  }

  private let limit: Int
  private var entries: [Key: Entry] = [:]
  private var uses: UInt64 = 0
  private var names: UInt64 = 0
  /// Names that the server still knows and has not been asked to forget.
  private var evicted: [String] = []

  init(limit: Int) { self.limit = max(1, limit) }

  var count: Int { entries.count }

  /// The name of a prepared statement.
  mutating func name(of key: Key) -> String? {
    uses += 1
    guard let index = entries.index(forKey: key) else { return nil }
    entries.values[index].lastUse = uses
    return entries.values[index].name
  }

  /// A fresh name for a statement that is about to be prepared. Names are never used twice.
  mutating func insert(_ key: Key) -> String {
    if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      entries[oldest.key] = nil
      evicted.append(oldest.value.name)
    }
    names += 1
    let name = "s\(names)"
    entries[key] = Entry(name: name, lastUse: uses)
    return name
  }

  /// Hands out the names that the server is to forget; `keep` takes back what it did not.
  mutating func takeEvicted() -> [String] {
    defer { evicted.removeAll() }
    return evicted
  }

  mutating func keep(evicted name: String) { evicted.append(name) }

  /// The server did not prepare it after all.
  mutating func remove(_ key: Key, name: String) {
    if entries[key]?.name == name { entries[key] = nil }
    evicted.removeAll { $0 == name }
  }

  /// All prepared statements are out of date, as after a change of a table.
  mutating func evictAll() {
    evicted += entries.values.map(\.name)
    entries.removeAll(keepingCapacity: true)
  }
}
