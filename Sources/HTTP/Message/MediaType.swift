/// What a `Content-Type` field says.
public enum MediaType: Sendable, Equatable {
  case none
  /// `application/json`, in UTF-8.
  case json
  /// The type in lower case, without parameters.
  case other(String)

  init(_ field: UnsafeBufferPointer<UInt8>) {
    if field.isEmpty {
      self = .none
    } else if Self.isPlainJSON(field) {
      self = .json
    } else {
      self.init(String(decoding: field, as: UTF8.self))
    }
  }

  /// A character set other than UTF-8 makes the type one that nobody accepts.
  init(_ field: String) {
    let parts = field.lowercased().split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
    let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst(8)
    let isUTF8 = charset.map { $0 == "utf-8" || $0 == "\"utf-8\"" } ?? true
    let type = parts[0]
    self = !isUTF8 ? .other(field.lowercased()) : type == ContentType.json ? .json : .other(type)
  }

  private static func isPlainJSON(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    field.count == ContentType.json.utf8.count && zip(field, ContentType.json.utf8).allSatisfy { $0 == $1 }
  }

  private static func trimmed(_ part: Substring) -> String {
    let body = part.drop { $0 == " " || $0 == "\t" }
    return String(body.prefix(body.count - body.reversed().prefix { $0 == " " || $0 == "\t" }.count))
  }
}

/// Values of `Content-Type`.
public enum ContentType {
  public static let json = "application/json"
  public static let problem = "application/problem+json"
  public static let csv = "text/csv"
  public static let text = "text/plain; charset=utf-8"
  public static let html = "text/html; charset=utf-8"
}
