import Synchronization

/// A part of the server with a life of its own.
public protocol Service: Sendable {
  /// Names the service in logs and errors.
  var name: String { get }

  /// The whole life of the service. Cancelling the task is the demand to stop: finish what was accepted,
  /// release what is held, return. Returning or throwing without that demand stops the server.
  func run() async throws

  /// Returns when the running service can be used; the next service is not started before. Called after
  /// `run()` was started, beside it.
  func ready() async throws
}

extension Service {
  public func ready() async throws {}

  /// Returns when the task is cancelled; for a `run()` that only has something to do at the end.
  public func untilCancelled() async {
    let never = AsyncStream<Never> { _ in }
    for await _ in never {}
  }
}

/// A service made of closures, for small parts and tests.
public struct ServiceBody: Service {
  public let name: String
  private let body: @Sendable () async throws -> Void

  public init(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
    self.name = name
    self.body = body
  }

  public func run() async throws { try await body() }
}
