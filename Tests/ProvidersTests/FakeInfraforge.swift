import Domain
import Engine
import HTTP
import HTTPClient
import JSON
import Providers
import Runtime
import Synchronization
import Testing

/// Infraforge as its contract describes it, with what may go wrong on demand.
final class FakeInfraforge: Sendable {
  static let key = "inf_secret_key_for_tests"

  /// What happens to the next purchases, one after the other.
  enum Mishap: Sendable {
    case status(Int, String)
    /// The purchase happens, and the answer never comes.
    case silentSuccess
    /// It does not happen, and no answer comes.
    case silence
    case tooManyRequests(retryAfter: Int)
  }

  struct State: Sendable {
    struct Domain: Sendable {
      let id: String
      let name: String
      var status: String
    }

    var domains: [Domain] = []
    var unavailable: Set<String> = []
    var prices: [String: Double] = [:]
    var mishaps: [Mishap] = []
    /// All calls answer this.
    var outage: Int?
    /// The names of each purchase that happened.
    var purchases: [[String]] = []
    var purchaseCalls = 0
    var contacts: [JSONValue] = []
    var renewed: [String] = []
    var renewalFault: Int?
    var newStatus = "active"
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
    let fake = Mutex<FakeInfraforge?>(nil)
  }

  var url: String { "http://127.0.0.1:\(server.port)/public" }

  func settings(timeout: Duration = .seconds(20), key: String = FakeInfraforge.key) throws
    -> InfraforgeSettings
  {
    InfraforgeSettings(
      url: url, key: Secret(key), workspaceID: "ws_0001",
      contact: try RegistrantContact(json: Self.contact.bytes()), timeout: timeout)
  }

  static let contact: JSONValue = [
    "firstName": "Alex", "lastName": "Example", "email": "ops@example.com", "address1": "1 Sample Street",
    "city": "Austin", "province": "TX", "postalCode": "78701", "country": "US",
    "organization": "Example Outreach", "phone": "+1.5125550100",
  ]

  func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
  func read<T: Sendable>(_ look: (State) -> T) -> T { state.withLock { look($0) } }

  // MARK: The interface

  private static func routes(_ box: Box) -> Routes {
    var routes = Routes()
    let guarded:
      @Sendable (Request, @Sendable (FakeInfraforge) async throws -> Response) async throws -> Response = {
        request, answer in
        guard let fake = box.fake.withLock({ $0 }) else { return Response(.noContent) }
        // The raw key: a bearer is refused.
        guard request.header("Authorization") == key else { return fault(401, "Unauthorized: \(key)") }
        if let outage = fake.read({ $0.outage }) { return fault(outage, "maintenance") }
        return try await answer(fake)
      }
    routes.get("/public/check-domain-availability", query: ["domain"]) { request in
      let name = try request.query { try $0.required("domain", .string(1...253))() }
      return try await guarded(request) { fake in
        fake.read { state in
          let isFree = !state.unavailable.contains(name) && !state.domains.contains { $0.name == name }
          return .json { writer in
            writer.object {
              $0.field("available", isFree)
              $0.field("price", state.prices[name] ?? 14)
              $0.field("minCreationPeriodMonths", 12)
            }
          }
        }
      }
    }
    routes.get("/public/domains") { request in
      try await guarded(request) { fake in
        let domains = fake.read { $0.domains }
        return .json { writer in
          writer.array { list in
            for domain in domains {
              let parts = domain.name.split(separator: ".", maxSplits: 1).map(String.init)
              list.object {
                $0.field("id", domain.id)
                $0.field("sld", parts[0])
                $0.field("tld", parts[1])
                $0.field("status", domain.status)
                $0.field("autoRenewStatus", false)
              }
            }
          }
        }
      }
    }
    routes.post("/public/domains") { request in
      let body = try JSONValue(parsing: request.body)
      return try await guarded(request) { try await $0.buy(body) }
    }
    routes.put("/public/domains/{id}/enable-autorenew") { request in
      try await guarded(request) { fake in
        if let fault = fake.read({ $0.renewalFault }) { return Self.fault(fault, "no renewal") }
        fake.set { $0.renewed.append(request.parameters["id"]) }
        return .noContent
      }
    }
    return routes
  }

  private func buy(_ body: JSONValue) async throws -> Response {
    let names = body["domains"]?.array?.compactMap(\.string) ?? []
    let mishap = state.withLock { state -> Mishap? in
      state.purchaseCalls += 1
      state.contacts.append(body["contactDetails"] ?? .null)
      return state.mishaps.isEmpty ? nil : state.mishaps.removeFirst()
    }
    switch mishap {
    case .status(let status, let message): return Self.fault(status, message)
    case .tooManyRequests(let seconds):
      return Self.fault(429, "slow down").with("Retry-After", "\(seconds)")
    case .silence: try await Task.sleep(for: .seconds(60))
    case .silentSuccess, nil: break
    }
    let refusal = state.withLock { state -> Response? in
      for (index, name) in names.enumerated()
      where state.domains.contains(where: { $0.name == name }) || state.unavailable.contains(name) {
        return Self.fault(400, "Invalid request", ["domains.\(index) is not available"])
      }
      for name in names {
        state.domains.append(
          .init(id: "dom_\(state.domains.count + 1)", name: name, status: state.newStatus))
      }
      state.purchases.append(names)
      return nil
    }
    if let refusal { return refusal }
    if case .silentSuccess = mishap { try await Task.sleep(for: .seconds(60)) }
    return .json(.created) { $0.object { $0.field("ok", true) } }
  }

  private static func fault(_ status: Int, _ message: String, _ data: [String] = []) -> Response {
    Response(
      Status(rawValue: status), contentType: "application/json",
      body: JSON.write { writer in
        writer.object {
          $0.field("message", message)
          $0.field("data", data)
        }
      })
  }
}

/// A fake that serves for one test.
func withInfraforge(_ body: (FakeInfraforge) async throws -> Void) async throws {
  let fake = try FakeInfraforge()
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
