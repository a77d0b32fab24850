import Engine
import HTTPClient
import JSON
import Runtime

/// Calls to a provider with JSON over HTTP, and what their failures mean.
///
/// | what came | kind |
/// |---|---|
/// | 2xx | an answer |
/// | 429, or no connection | unavailable: nothing happened, try later |
/// | other 4xx | refused, with the provider's message |
/// | 5xx, 3xx, timeout, a connection that broke | unknown: it may have happened |
struct ProviderCalls: Sendable {
  /// A failure with the status that it came with.
  struct Fault: Error {
    var status: Int?
    let failure: ProviderFailure
  }

  let agent: HTTPAgent
  let base: String
  let headers: [(name: String, value: String)]
  /// Never in a message, wherever it came from.
  let secret: Secret
  /// What a request says of people: a provider that repeats it in a message is not repeated here.
  let personal: [String]
  let timeout: Duration

  func get(_ path: String) async throws(Fault) -> JSONValue {
    let response = try await exchange("GET", path, nil)
    do { return try JSONValue(parsing: response.body) } catch {
      throw Fault(failure: ProviderFailure(.unavailable, "the answer is not JSON"))
    }
  }

  func send(_ method: String, _ path: String, _ body: [UInt8]?) async throws(Fault) {
    _ = try await exchange(method, path, body)
  }

  /// The answer with its headers; only 2xx is one.
  func exchange(
    _ method: String, _ path: String, _ body: [UInt8]?, bodyLimit: Int = 4 << 20
  ) async throws(Fault) -> IncomingResponse {
    var request = OutgoingRequest(
      method, base + path, headers: headers + [("Accept", "application/json")], body: body, timeout: timeout,
      bodyLimit: bodyLimit)
    if body != nil { request.headers.append(("Content-Type", "application/json")) }
    let response: IncomingResponse
    do {
      response = try await agent.send(request)
    } catch {
      throw Fault(failure: ProviderFailure(error.mayHaveArrived ? .unknown : .unavailable, error.description))
    }
    guard !(200...299).contains(response.status) else { return response }
    throw Fault(status: response.status, failure: failure(response))
  }

  private func failure(_ response: IncomingResponse) -> ProviderFailure {
    let kind: ProviderFailure.Kind =
      switch response.status {
      case 429: .unavailable
      case 400...499: .refused
      default: .unknown
      }
    let wait = response.header("Retry-After").flatMap { Int($0) }.map { Duration.seconds(min($0, 86_400)) }
    return ProviderFailure(kind, "HTTP \(response.status)\(message(response.body))", retryAfter: wait)
  }

  /// The provider's own words: `{message, data: […]}`.
  private func message(_ body: [UInt8]) -> String {
    guard let json = try? JSONValue(parsing: body) else { return "" }
    let details = json["data"]?.array?.compactMap(\.string) ?? []
    let words = [json["message"]?.string, json["error"]?.string].compactMap { $0 } + details
    guard !words.isEmpty else { return "" }
    // The key first, while it is whole.
    let scrubbed = Redaction.scrub(
      words.joined(separator: "; ").replacing(secret.revealed, with: "***"))
    let text = personal.filter { $0.count >= 3 }.sorted { $0.count > $1.count }
      .reduce(scrubbed) { $0.replacing($1, with: "***") }
    let plain = String(
      text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return ": \(plain.prefix(500))"
  }
}
