import HTTP
import JSON
import Runtime

/// `/healthz`, `/readyz`, `/metrics`, `/openapi.json`: for machines, without a key.
struct ServerRoutes: Sendable {
  let readiness: Readiness
  let metrics: Metrics

  func add(to operations: inout Operations) {
    operations.addOpen("/healthz") { _ in Self.ok }
    operations.addOpen("/readyz") { _ in
      guard await readiness.isReady() else { throw Problem.unavailable("The database does not answer.") }
      return Self.ok
    }
    operations.addOpen("/metrics") { _ in
      Response(.ok, contentType: Exposition.contentType, body: Array(metrics.exposition.utf8))
    }
    let contract = Response(.ok, contentType: ContentType.json, body: API.contract)
    operations.addOpen("/openapi.json") { _ in contract }
  }

  private static var ok: Response { .json { $0.object { $0.field("status", "ok") } } }
}
