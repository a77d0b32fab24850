import Domain
import HTTP

/// The operations under construction: routes, and which permission each needs.
struct Operations {
  let authentication: Authentication
  private(set) var routes = Routes()
  /// By method and template, `POST /v1/leases`; an operation for everybody has none.
  private(set) var permissions: [String: Permission] = [:]

  init(_ authentication: Authentication) { self.authentication = authentication }

  /// An operation for keys whose role has the permission.
  mutating func add(
    _ method: Method, _ template: String, _ permission: Permission, query: [String] = [],
    body: BodyRule? = nil, bodyLimit: Int? = nil, heavy: Bool = false,
    _ handler: @escaping @Sendable (Call) async throws -> Response
  ) {
    let authentication = self.authentication
    let roles = Role.allCases.filter { $0.permissions.contains(permission) }
    permissions["\(method.rawValue) \(template)"] = permission
    routes.add(method, template, query: query, body: body, bodyLimit: bodyLimit, heavy: heavy) { request in
      do {
        let principal = try await authentication.principal(of: request)
        guard roles.contains(principal.role) else { throw Problem.forbidden(but: roles) }
        return try await handler(Call(request: request, principal: principal))
      } catch {
        throw Failure.shown(error)
      }
    }
  }

  /// An operation that needs no key.
  mutating func addOpen(_ template: String, _ handler: @escaping @Sendable (Request) async throws -> Response)
  {
    routes.get(template, handler)
  }
}

extension Operations {
  /// A POST from outside whose signature, which the handler checks, stands for a key.
  mutating func addSigned(
    _ template: String, _ handler: @escaping @Sendable (Request) async throws -> Response
  ) {
    routes.post(template) { request in
      do { return try await handler(request) } catch { throw Failure.shown(error) }
    }
  }
}

extension Problem {
  /// 403 that says which roles may.
  static func forbidden(but roles: [Role]) -> Problem {
    Problem(.forbidden, "This operation needs the role \(roles.map(\.rawValue).joined(separator: " or ")).")
  }
}
