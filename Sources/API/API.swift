import Domain
import Engine
import HTTP
import Postgres
import Runtime

/// The HTTP interface: the operations of `openapi.yaml` over the engine's services.
///
///     let api = API(services, database: database, metrics: metrics) { try await keys.principal(of: $0) }
///     let server = try HTTPServer(configuration, api.router(observer: observation))
public struct API: Sendable {
  /// What the operations are made of.
  public struct Services: Sendable {
    public var leases: LeaseService

    public init(leases: LeaseService) {
      self.leases = leases
    }
  }

  /// `openapi.yaml` as JSON, UTF-8.
  public static let contract = Array(OpenAPIDocument.json.utf8)

  /// What the `type` of every problem begins with.
  public static let problemBase = "urn:reservoir:problem:"

  private let operations: Operations

  /// - Parameters:
  ///   - database: asked by `/readyz`.
  ///   - metrics: shown by `/metrics`.
  ///   - findPrincipal: whose key it is; nil when it is nobody's. Called for each request, so it should remember.
  public init(
    _ services: Services, database: Database, metrics: Metrics,
    findPrincipal: @escaping @Sendable (_ key: String) async throws -> Principal?
  ) {
    var operations = Operations(Authentication(find: findPrincipal))
    ServerRoutes(readiness: Readiness(database: database), metrics: metrics).add(to: &operations)
    LeaseRoutes(leases: services.leases).add(to: &operations)
    self.operations = operations
  }

  public func router(observer: any RequestObserver = SilentObserver()) -> Router {
    Router(operations.routes, problemBase: Self.problemBase, observer: observer)
  }

  /// Which permission an operation needs, by method and template: `POST /v1/leases`. Those that need no key
  /// are not among them.
  public var permissions: [String: Permission] { operations.permissions }
}
