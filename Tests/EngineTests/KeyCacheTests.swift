import Domain
import Testing

@testable import Engine

struct KeyCacheTests {
  let now = Timestamp(microseconds: 0)
  let principal = Principal(keyID: ID(high: 1, low: 1), role: .operator, clientID: nil)

  func version(_ cache: KeyCache, _ hash: [UInt8]) -> UInt64? {
    if case .unknown(let version) = cache.look(hash, now: now) { version } else { nil }
  }

  @Test func `the cache never grows beyond its capacity`() throws {
    let cache = KeyCache(lifetime: .seconds(5), capacity: 100)
    for index in 0..<1_000 {
      let hash = [UInt8(index >> 8), UInt8(index & 255)]
      cache.keep(nil, for: hash, now: now, version: try #require(version(cache, hash)))
    }
    #expect(cache.count <= 100)
  }

  @Test func `wrong keys do not push out a right one`() throws {
    let cache = KeyCache(lifetime: .seconds(5), capacity: 10)
    cache.keep(principal, for: [255], now: now, version: 0)
    for index in 0..<100 { cache.keep(nil, for: [UInt8(index)], now: now, version: 0) }
    #expect(version(cache, [255]) == nil)
  }

  @Test func `an answer that was asked for before a revocation is not kept`() throws {
    let cache = KeyCache(lifetime: .seconds(5), capacity: 10)
    let before = try #require(version(cache, [1]))
    cache.forget(ID(high: 1, low: 1))
    cache.keep(principal, for: [1], now: now, version: before)
    #expect(version(cache, [1]) != nil)
  }
}
