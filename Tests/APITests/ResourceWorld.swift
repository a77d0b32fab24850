import Domain
import HTTP
import JSON
import Testing

/// An inventory over the interface.
extension APIWorld {
  /// Imports rows of a type; the ids of those added.
  @discardableResult
  func stock(
    _ kind: ResourceKind, _ values: [String], isWarmed: Bool = true, maxClients: Int = 1,
    _ location: SourceLocation = #_sourceLocation
  ) async throws -> [String] {
    let rows = values.map { value -> JSONValue in
      [
        "resource_type": .string(kind.rawValue), "resource_value": .string(value), "warmed": .bool(isWarmed),
        "max_clients": .int(maxClients),
      ]
    }
    let response = await send("POST", "/v1/resources/import", ["resources": .array(rows)], location)
    #expect(response.status == .ok, sourceLocation: location)
    return try response.json["verdicts"]?.array?.compactMap { $0["resource_id"]?.string } ?? []
  }

  /// What the ignition tier gives: 3 domains with 2 mailboxes each, a number, 4 seats.
  func stockIgnition() async throws {
    let domains = (0..<3).map { "a\($0).example.com" }
    try await stock(.emailDomain, domains)
    try await stock(.mailbox, domains.flatMap { ["jo@\($0)", "kim@\($0)"] })
    try await stock(.phoneNumber, ["+14244851000"])
    try await stock(.linkedInSeat, (0..<4).map { "seat_\($0)" })
  }

  func act(
    _ id: String, _ action: String, _ body: JSONValue? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) async -> Response {
    await send("POST", "/v1/resources/\(id)/\(action)", body, location)
  }
}
