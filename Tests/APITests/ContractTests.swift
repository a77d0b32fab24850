import Domain
import Engine
import HTTP
import JSON
import Postgres
import Runtime
import Testing
import TestSupport

@testable import API

/// Routes and contract agree, in both directions.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct ContractTests {
  @Test func `every route is an operation of the contract, and every operation has a route`() {
    let routes = Set(APIWorld().router.routes.map { "\($0.method.rawValue) \($0.template)" })
    let operations = Set(Contract.operations.map(\.name))
    #expect(routes.subtracting(operations) == [])
    #expect(operations.subtracting(routes) == [])
  }

  @Test func `routes take the query parameters of the contract, and no others`() {
    for route in APIWorld().router.routes {
      let operation = Contract.operation(route.method.rawValue, route.template)
      #expect(operation?.names(in: "query") == Set(route.query), "\(route.method.rawValue) \(route.template)")
      let parameters = route.template.split(separator: "/").filter { $0.hasPrefix("{") }.map {
        String($0.dropFirst().dropLast())
      }
      #expect(operation?.names(in: "path") == Set(parameters), "\(route.template)")
    }
  }

  @Test func `routes take a body where the contract has one`() {
    for route in APIWorld().router.routes {
      let body = Contract.operation(route.method.rawValue, route.template)?.value["requestBody"]
      #expect((body != nil) == (route.body != .none), "\(route.method.rawValue) \(route.template)")
    }
  }

  @Test func `x-roles are the roles that have the permission`() {
    let world = APIWorld()
    let permissions = API(world.services, database: world.pool.database, metrics: world.metrics).permissions
    for operation in Contract.operations {
      let permission = permissions[operation.name]
      #expect((permission == nil) == operation.needsNoKey, "\(operation.name)")
      guard let permission else { continue }
      let roles = Role.allCases.filter { $0.permissions.contains(permission) }.map(\.rawValue)
      #expect(roles == operation.roles, "\(operation.name)")
    }
  }

  @Test func `only webhooks are signed instead of being called with a key`() {
    #expect(Contract.operations.filter(\.isSigned).map(\.name) == ["POST /webhooks/stripe"])
  }

  @Test func `a POST takes an idempotency key exactly where the contract says so`() async {
    let world = APIWorld()
    for operation in Contract.operations {
      let isPost = operation.method == "POST" && !operation.isSigned
      #expect(operation.names(in: "header").contains("Idempotency-Key") == isPost, "\(operation.name)")
      guard isPost else { continue }
      let response = await world.send(
        "POST", operation.sampleTarget, operation.sampleBody, idempotencyKey: "not a key")
      #expect(response.status == .badRequest && response.faults == ["Idempotency-Key"], "\(operation.name)")
    }
  }

  @Test func `required fields are required, known fields are known, others are not`() async throws {
    let world = APIWorld()
    for operation in Contract.operations {
      // What others send, and files, may hold more than we know; their own tests say what they must hold.
      guard let schema = operation.bodySchema, !operation.isSigned, schema != [:] else { continue }
      let shapes = (schema["oneOf"]?.array ?? [schema]).map(Contract.resolved)
      let required = shapes.map { Set($0["required"]?.array?.compactMap(\.string) ?? []) }
        .reduce(nil as Set<String>?) { $0?.intersection($1) ?? $1 }
      let known = Set(shapes.flatMap { $0["properties"]?.object?.keys ?? [] })
      let empty = await world.send(operation.method, operation.sampleTarget, [:])
      #expect(Set(empty.faults).isSuperset(of: (required ?? []).map { "/\($0)" }), "\(operation.name)")
      for name in known.union(["bogus"]) {
        let body = JSONValue.object([name: ["wrong": true]])
        let response = await world.send(operation.method, operation.sampleTarget, body)
        let errors = try response.json["errors"]?.array ?? []
        let error = errors.first { $0["pointer"]?.string == "/\(name)" }
        // An object's own members are told one by one.
        let inner = errors.first { $0["pointer"]?.string == "/\(name)/wrong" }
        #expect(
          response.status == .unprocessable && (error ?? inner) != nil, "\(operation.name) \(name)")
        #expect(
          (error?["detail"]?.string == "unknown field") == (name == "bogus"), "\(operation.name) \(name)")
      }
    }
  }

  @Test func `the contract's examples of requests are taken`() async throws {
    let world = APIWorld()
    for operation in Contract.operations {
      let content = operation.value["requestBody"]?["content"]?["application/json"]
      for (name, example) in content?["examples"]?.object ?? JSONMap() {
        let body = Contract.resolved(example)["value"]
        let response =
          operation.isSigned
          ? await world.webhook(body?.bytes() ?? [])
          : await world.send(operation.method, operation.sampleTarget, body)
        let isRead = response.status != .badRequest && response.problem != "validation"
        #expect(isRead, "\(operation.name), \(name): \(String(decoding: response.body, as: UTF8.self))")
      }
    }
  }

  @Test func `the contract's examples of answers fit its schemas`() {
    for operation in Contract.operations {
      for (status, answer) in operation.value["responses"]?.object ?? JSONMap() {
        for (type, media) in Contract.resolved(answer)["content"]?.object ?? JSONMap() {
          for (name, example) in media["examples"]?.object ?? JSONMap() {
            let value = Contract.resolved(example)["value"] ?? .null
            let faults = Schema.faults(value, media["schema"] ?? .null)
            #expect(faults == [], "\(operation.name) \(status) \(type) \(name)")
          }
        }
      }
    }
  }
}

extension Contract.Operation {
  /// The template with ids of things that do not exist, and the query parameters that must be there.
  var sampleTarget: String {
    let path = template.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.hasPrefix("{")
        ? (part == "{job_name}" ? "unheard-of" : "019aa777-0000-7000-8000-000000000000") : part
    }.joined(separator: "/")
    let query = parameters.filter { $0["in"]?.string == "query" && $0["required"]?.bool == true }
      .map { "\($0["name"]?.string ?? "")=7" }
    return query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
  }

  /// The first example of the body.
  var sampleBody: JSONValue? {
    let examples = value["requestBody"]?["content"]?["application/json"]?["examples"]?.object
    return examples?.keys.first.flatMap { examples?[$0] }.map(Contract.resolved)?["value"]
  }
}
