/// A status code of RFC 9110.
public struct Status: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let ok = Status(rawValue: 200)
  public static let created = Status(rawValue: 201)
  public static let accepted = Status(rawValue: 202)
  public static let noContent = Status(rawValue: 204)
  public static let seeOther = Status(rawValue: 303)
  public static let notModified = Status(rawValue: 304)
  public static let badRequest = Status(rawValue: 400)
  public static let unauthorized = Status(rawValue: 401)
  public static let forbidden = Status(rawValue: 403)
  public static let notFound = Status(rawValue: 404)
  public static let methodNotAllowed = Status(rawValue: 405)
  public static let requestTimeout = Status(rawValue: 408)
  public static let conflict = Status(rawValue: 409)
  public static let gone = Status(rawValue: 410)
  public static let preconditionFailed = Status(rawValue: 412)
  public static let payloadTooLarge = Status(rawValue: 413)
  public static let unsupportedMediaType = Status(rawValue: 415)
  public static let unprocessable = Status(rawValue: 422)
  public static let tooManyRequests = Status(rawValue: 429)
  public static let internalError = Status(rawValue: 500)
  public static let unavailable = Status(rawValue: 503)

  public var description: String { String(rawValue) }
}
