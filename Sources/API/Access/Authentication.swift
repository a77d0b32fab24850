import Domain
import HTTP

/// Who calls: the key in `Authorization: Bearer KEY`, or in `X-API-Key: KEY`.
struct Authentication: Sendable {
  /// Finds whose key it is; nil when it is nobody's or revoked. Expected to remember what it found, since
  /// each request asks.
  let find: @Sendable (String) async throws -> Principal?

  /// - Throws: `Problem` unauthorized (401); what `find` throws.
  func principal(of request: Request) async throws -> Principal {
    guard let key = Self.key(of: request) else {
      throw Problem.unauthorized("Send Authorization: Bearer KEY, or X-API-Key: KEY.")
    }
    guard let principal = try await find(key) else {
      throw Problem.unauthorized("The key is unknown or revoked.")
    }
    return principal
  }

  /// No key is longer, so that nobody can have a large text hashed again and again.
  private static let longestKey = 512

  private static func key(of request: Request) -> String? {
    let key = request.header("Authorization").flatMap(bearer) ?? request.header("X-API-Key")
    guard let key, (1...longestKey).contains(key.utf8.count) else { return nil }
    return key
  }

  /// The token of a bearer credential; the scheme's case does not matter (RFC 9110 §11.1).
  private static func bearer(_ field: String) -> String? {
    let utf8 = field.utf8
    guard utf8.count > 7, zip(utf8, "bearer ".utf8).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { return nil }
    return String(Substring(utf8.dropFirst(7).drop { $0 == UInt8(ascii: " ") }))
  }
}
