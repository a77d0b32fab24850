import HTTP
import JSON
import Testing

@testable import API

/// The contract as the server serves it, and answers held against it.
enum Contract {
  struct Operation: Sendable {
    let method: String
    let template: String
    let value: JSONValue
    let parameters: [JSONValue]

    var name: String { "\(method) \(template)" }
    var roles: [String] { value["x-roles"]?.array?.compactMap(\.string) ?? [] }
    /// A webhook: its signature stands for a key.
    var isSigned: Bool { value["x-signature"] != nil }
    var needsNoKey: Bool { value["security"]?.array?.isEmpty ?? false }
    var bodySchema: JSONValue? {
      value["requestBody"]?["content"]?["application/json"]?["schema"].map(Contract.resolved)
    }

    func names(in place: String) -> Set<String> {
      Set(parameters.filter { $0["in"]?.string == place }.compactMap { $0["name"]?.string })
    }
  }

  static let document: JSONValue = {
    guard let value = try? JSONValue(parsing: API.contract) else { preconditionFailure("no JSON") }
    return value
  }()

  static let operations: [Operation] = {
    var operations: [Operation] = []
    for (template, path) in document["paths"]?.object ?? JSONMap() {
      let shared = path["parameters"]?.array ?? []
      for (method, value) in path.object ?? JSONMap() where method != "parameters" {
        operations.append(
          Operation(
            method: method.uppercased(), template: template, value: value,
            parameters: (shared + (value["parameters"]?.array ?? [])).map(resolved)))
      }
    }
    return operations
  }()

  /// What a `$ref` points to; anything else as it is.
  static func resolved(_ value: JSONValue) -> JSONValue {
    guard let reference = value["$ref"]?.string else { return value }
    let found = reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
    return resolved(found)
  }

  static func operation(_ method: String, _ target: String) -> Operation? {
    let path = target.split(separator: "?")[0].split(separator: "/", omittingEmptySubsequences: false)
    let wanted = method == "HEAD" ? "GET" : method
    return operations.filter { operation in
      let template = operation.template.split(separator: "/", omittingEmptySubsequences: false)
      return operation.method == wanted && template.count == path.count
        && zip(template, path).allSatisfy { $0 == $1 || ($0.hasPrefix("{") && !$1.isEmpty) }
    }.min { $0.template.filter { $0 == "{" }.count < $1.template.filter { $0 == "{" }.count }
  }

  /// The answer has a status, headers and a body that the contract documents for this operation.
  static func expect(_ response: Response, to method: String, _ target: String, _ location: SourceLocation) {
    guard let operation = operation(method, target) else {
      Issue.record("\(method) \(target) is not in the contract", sourceLocation: location)
      return
    }
    // Said once, for all operations.
    if response.status == .unsupportedMediaType && operation.bodySchema == nil { return }
    let status = "\(response.status)"
    guard let documented = operation.value["responses"]?[status].map(resolved) else {
      Issue.record(
        "\(operation.name) answers \(status), which is not documented: \(text(response))",
        sourceLocation: location)
      return
    }
    for (name, header) in documented["headers"]?.object ?? JSONMap()
    where resolved(header)["required"]?.bool == true && response.header(name) == nil {
      Issue.record("\(operation.name) \(status) has no \(name)", sourceLocation: location)
    }
    let type = response.contentType.map { String($0.split(separator: ";")[0]) }
    guard let content = documented["content"]?.object else {
      #expect(response.body.isEmpty, "\(operation.name)", sourceLocation: location)
      return
    }
    guard let type, let media = content[type] else {
      Issue.record("\(operation.name) \(status) has the type \(type ?? "none")", sourceLocation: location)
      return
    }
    guard !type.hasPrefix("text/"), method != "HEAD" else { return }
    let faults = (try? response.json).map { Schema.faults($0, media["schema"] ?? .null) } ?? ["no JSON"]
    #expect(faults == [], "\(operation.name) \(status): \(text(response))", sourceLocation: location)
  }

  private static func text(_ response: Response) -> String {
    String(decoding: response.body.prefix(500), as: UTF8.self)
  }
}
