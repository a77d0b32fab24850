import JSON
import Runtime

/// Who registers domains: registries want a person. Held in memory only, and told to nobody but the provider.
public struct RegistrantContact: Sendable {
  let fields: [(name: String, value: String)]

  private static let names = [
    "firstName", "lastName", "email", "address1", "city", "province", "postalCode", "country", "organization",
    "phone",
  ]

  /// Reads a file of one JSON object with the fields `firstName`, `lastName`, `email`, `address1`, `city`,
  /// `province`, `postalCode`, `country`, `organization` and `phone`, all of them texts.
  ///
  /// - Throws: `JSONSyntaxError`, `JSONIssues`; neither repeats a value.
  public init(json bytes: [UInt8]) throws {
    fields = try JSON.readObject(bytes) { object in
      let read = Self.names.map { ($0, object.required($0, .string(1...200))) }
      return try read.map { (name: $0.0, value: try $0.1()) }
    }
  }
}

/// How Infraforge is reached.
public struct InfraforgeSettings: Sendable {
  public static let standardURL = "https://api.infraforge.ai/public"

  public var url: String
  public var key: Secret
  public var workspaceID: String
  public var contact: RegistrantContact
  /// For one call.
  public var timeout: Duration

  public init(
    url: String = InfraforgeSettings.standardURL, key: Secret, workspaceID: String,
    contact: RegistrantContact,
    timeout: Duration = .seconds(30)
  ) {
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.key = key
    self.workspaceID = workspaceID
    self.contact = contact
    self.timeout = timeout
  }
}
