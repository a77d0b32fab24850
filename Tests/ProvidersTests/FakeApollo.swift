import Engine
import Foundation
import HTTP
import JSON
import Providers
import HTTPClient
import Runtime
import Synchronization

/// Apollo as its contract describes it, with what may go wrong on demand.
final class FakeApollo: Sendable {
  static let key = "apollo_secret_key_for_tests"

  /// What happens to the next calls, one after the other.
  enum Mishap: Sendable {
    case status(Int, String)
    case tooManyRequests(retryAfter: Int)
    /// The people are charged for, and the answer is lost.
    case lostAnswer
  }

  struct State: Sendable {
    /// Persons by id, in the order in which a search finds them.
    var ids: [String] = []
    var unmatched: Set<String> = []
    var creditsPerPerson: Double? = 1
    var mishaps: [Mishap] = []
    var headers: [(String, String)] = []
    var searches: [JSONValue] = []
    var asked: [[String]] = []
    var charged: Double = 0
  }

  let state = Mutex(State())
  let server: HTTPServer

  init() throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.drainTimeout = .milliseconds(50)
    let box = Box()
    server = try HTTPServer(configuration, Router(Self.routes(box), problemBase: "urn:test:"))
    box.fake.withLock { $0 = self }
  }

  private final class Box: Sendable {
    let fake = Mutex<FakeApollo?>(nil)
  }

  func apollo(key: String = FakeApollo.key) -> Apollo {
    Apollo(
      url: "http://127.0.0.1:\(server.port)/api/v1", key: Secret(key), agent: HTTPAgent(),
      timeout: .seconds(20))
  }

  func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
  func read<T: Sendable>(_ look: (State) -> T) -> T { state.withLock { look($0) } }

  static func fixture(_ name: String) throws -> JSONValue {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    return try JSONValue(parsing: [UInt8](try Data(contentsOf: folder.appending(path: name))))
  }

  private static func routes(_ box: Box) -> Routes {
    var routes = Routes()
    let guarded:
      @Sendable (Request, @Sendable (FakeApollo, JSONValue) throws -> Response) async throws -> Response = {
        request, answer in
        guard let fake = box.fake.withLock({ $0 }) else { return Response(.noContent) }
        guard request.header("x-api-key") == key else {
          return .text("Invalid API key. See https://docs.apollo.io/reference/authentication.", .unauthorized)
        }
        let body = try JSONValue(parsing: request.body)
        if let mishap = fake.mishap(body) { return mishap }
        return fake.read { $0.headers }.reduce(try answer(fake, body)) { $0.with($1.0, $1.1) }
      }
    routes.post("/api/v1/mixed_people/api_search") { request in
      try await guarded(request) { fake, body in fake.search(body) }
    }
    routes.post("/api/v1/people/bulk_match") { request in
      try await guarded(request) { fake, body in fake.match(body) }
    }
    return routes
  }

  private func mishap(_ body: JSONValue) -> Response? {
    let next = state.withLock { $0.mishaps.isEmpty ? nil : $0.mishaps.removeFirst() }
    switch next {
    case nil: return nil
    case .status(let status, let message):
      return Response(
        Status(rawValue: status), contentType: "application/json",
        body: JSONValue.object(["error": .string(message)]).bytes())
    case .tooManyRequests(let seconds):
      return Response(
        Status(rawValue: 429), contentType: "application/json",
        body: JSONValue.object(["message": "The maximum number of api calls allowed is 600 times per hour."])
          .bytes()
      ).with("Retry-After", "\(seconds)")
    case .lostAnswer:
      _ = match(body)
      return Response(Status(rawValue: 502), contentType: "text/html", body: Array("<html>".utf8))
    }
  }

  private func search(_ body: JSONValue) -> Response {
    let ids = state.withLock { state in
      state.searches.append(body)
      return state.ids
    }
    let size = body["per_page"]?.int ?? 10
    let start = ((body["page"]?.int ?? 1) - 1) * size
    let page = start < ids.count ? Array(ids[start..<min(start + size, ids.count)]) : []
    return .json { writer in
      writer.object { object in
        object.field("total_entries", ids.count)
        object.array("people") { list in
          for id in page {
            list.object {
              $0.field("id", id)
              $0.field("first_name", "P")
              $0.field("last_name_obfuscated", "X***y")
              $0.field("has_email", true)
            }
          }
        }
      }
    }
  }

  private func match(_ body: JSONValue) -> Response {
    let ids = body["details"]?.array?.compactMap { $0["id"]?.string } ?? []
    guard ids.count <= 10 else {
      return .json(.badRequest) {
        $0.object {
          $0.field("status", "failed")
          $0.field("error_code", "RECORD_LIMIT_EXCEEDED")
          $0.field("error_message", "cannot enrich more than 10 in a single request")
        }
      }
    }
    let (unmatched, price) = state.withLock { state in
      state.asked.append(ids)
      let found = ids.filter { !state.unmatched.contains($0) }
      state.charged += Double(found.count) * (state.creditsPerPerson ?? 1)
      return (state.unmatched, state.creditsPerPerson)
    }
    return .json { writer in
      writer.object { object in
        object.field("status", "success")
        if let price {
          object.field("credits_consumed", price * Double(ids.filter { !unmatched.contains($0) }.count))
        }
        object.array("matches") { list in
          for id in ids {
            if unmatched.contains(id) {
              list.null()
            } else {
              list.object {
                $0.field("id", id)
                $0.field("first_name", "P")
                $0.field("email", "\(id)@example.com")
                $0.field("email_status", "verified")
              }
            }
          }
        }
      }
    }
  }
}

/// A fake that serves for one test.
func withApollo(_ body: (FakeApollo) async throws -> Void) async throws {
  let fake = try FakeApollo()
  let running = Task { try await fake.server.run() }
  let result: Result<Void, any Error>
  do {
    try await body(fake)
    result = .success(())
  } catch {
    result = .failure(error)
  }
  running.cancel()
  _ = try await running.value
  try result.get()
}
