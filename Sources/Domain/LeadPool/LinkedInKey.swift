/// What of a LinkedIn profile's URL identifies the person: `in/dana-whitlock-1`.
///
/// `http://www.linkedin.com/in/Dana-Whitlock-1/?trk=x`, `https://de.linkedin.com/in/dana-whitlock-1` and
/// `linkedin.com/in/dana-whitlock-1` are the same person.
public struct LinkedInKey: Hashable, Sendable {
  public let text: String

  /// Nil for what is no profile of a person: companies, posts, searches, other sites.
  public init?(_ url: String) {
    guard url.utf8.count <= 1_000 else { return nil }
    var rest = url.trimmed.lowercased()[...]
    if let scheme = rest.firstRange(of: "://") {
      guard ["http", "https"].contains(rest[..<scheme.lowerBound]) else { return nil }
      rest = rest[scheme.upperBound...]
    }
    rest = rest.prefix { $0 != "?" && $0 != "#" }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: true)
    guard parts.count >= 3, Self.isLinkedIn(parts[0]), let slug = Self.slug(parts[2]) else { return nil }
    switch parts[1] {
    case "in": text = "in/\(slug)"
    // Of the old form the name alone is not one person's.
    case "pub":
      let rest = parts.dropFirst(3).map(Self.slug)
      guard !rest.isEmpty, !rest.contains(nil) else { return nil }
      text = (["pub", slug] + rest.compactMap(\.self)).joined(separator: "/")
    default: return nil
    }
  }

  /// A key that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  private static func isLinkedIn(_ host: Substring) -> Bool {
    let name = host.prefix { $0 != ":" }
    return name == "linkedin.com" || name.hasSuffix(".linkedin.com")
  }

  /// Percent-encoded letters are the letters.
  private static func slug(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let digits = String(validating: rest.prefix(2), as: UTF8.self), digits.utf8.count == 2,
        let decoded = UInt8(digits, radix: 16)
      else { return nil }
      bytes.append(decoded)
      rest = rest.dropFirst(2)
    }
    guard let slug = String(validating: bytes, as: UTF8.self)?.lowercased(), !slug.isEmpty,
      !slug.containsControlCharacter, !slug.contains("/"), !slug.contains(" ")
    else { return nil }
    return slug
  }
}
