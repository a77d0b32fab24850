import Domain
import HTTP

/// A request whose key was accepted and whose role may do what it asks for.
struct Call: Sendable {
  let request: Request
  let principal: Principal

  /// The only client whose things the caller may touch; nil for an operator.
  var allowed: ID<Client>? { principal.clientID }

  /// Whether what belongs to `client` exists for this caller. What is nobody's exists for operators only.
  func sees(_ client: ID<Client>?) -> Bool { allowed == nil || allowed == client }

  /// The id in the path.
  ///
  /// - Throws: `Problem` invalid-parameter (400) when it is not a UUID.
  func id<Entity>(_ name: String, of: Entity.Type) throws(Problem) -> ID<Entity> {
    try request.parameters.value(name, .id())
  }
}
