import JSON

/// A request that has arrived whole and has a route. Cheap to pass on: one reference.
public struct Request: Sendable {
  let core: Core
  private var notes: [ObjectIdentifier: any Sendable] = [:]

  final class Core: Sendable {
    let method: Method
    let target: Target
    let match: RouteMatch
    let headers: HeaderSource
    let media: MediaType
    let body: [UInt8]
    let id: String
    let deadline: Monotonic

    init(
      method: Method, target: Target, match: RouteMatch, headers: HeaderSource, media: MediaType,
      body: [UInt8],
      id: String, deadline: Monotonic
    ) {
      self.method = method
      self.target = target
      self.match = match
      self.headers = headers
      self.media = media
      self.body = body
      self.id = id
      self.deadline = deadline
    }
  }

  init(_ core: Core) { self.core = core }

  /// HEAD arrives as `.head` at the route of GET; its body is dropped by the server.
  public var method: Method { core.method }
  /// As sent, still encoded. For logs use `route`, which names nobody.
  public var path: String { core.target.path }
  /// The query as sent, without its question mark; empty when there is none.
  public var queryText: String { core.target.query }
  public var route: Route { core.match.route }
  public var parameters: Parameters { core.match.parameters }
  public var media: MediaType { core.media }
  public var body: [UInt8] { core.body }
  /// From a valid `X-Request-Id`, else made here; it stands in the answer, the log and every problem.
  public var id: String { core.id }

  /// How long the answer is still waited for; never below zero. Then the handler's task is cancelled.
  public var remaining: Duration { core.deadline.remaining }

  /// A header field; names are compared without case. The first one counts. Nil once the request is over.
  public func header(_ name: String) -> String? { core.headers.value(name) }

  // MARK: Reading

  /// Reads the body as one JSON object.
  ///
  /// - Throws: `Problem` bad-json (400) or validation (422) with a pointer to each fault.
  public func json<Value>(
    limits: JSONLimits = JSONLimits(), _ read: (JSONObjectReader) throws -> Value
  ) throws -> Value {
    do {
      return try JSON.readObject(core.body, limits: limits, read)
    } catch {
      throw Problem(readingBody: error)
    }
  }

  /// Reads the body as JSON of any shape. Errors as for objects.
  public func json<Value>(_ shape: JSONShape<Value>, limits: JSONLimits = JSONLimits()) throws -> Value {
    do {
      return try JSON.read(core.body, shape, limits: limits)
    } catch {
      throw Problem(readingBody: error)
    }
  }

  /// Reads the query's parameters; each must stand in the route's `query`.
  ///
  /// - Throws: `Problem` invalid-parameter (400) that names each wrong parameter.
  public func query<Value>(_ read: (QueryReader) throws -> Value) throws -> Value {
    try QueryReader.read(core.target, allowed: core.match.route.query, read)
  }

  // MARK: What middleware adds

  /// A value that middleware attached for those behind it, found by its type.
  public func note<Value: Sendable>(_ type: Value.Type) -> Value? { notes[ObjectIdentifier(type)] as? Value }

  public func noting<Value: Sendable>(_ value: Value) -> Request {
    var copy = self
    copy.notes[ObjectIdentifier(Value.self)] = value
    return copy
  }
}
