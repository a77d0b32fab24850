import Domain
import Postgres
import Records
import Runtime
import Store

/// Imports of leads: begun, gone on with, finished, listed, undone.
///
/// A run takes chunks, each in a transaction that also writes what became of its rows and how far the run has
/// come: after a crash it goes on with the next chunk exactly.
public struct LeadImportService: Sendable {
  let database: Database
  let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// What is to be imported.
  public struct Wish: Hashable, Sendable {
    public var kind: LeadImport.Kind
    public var name: String
    public var source: String
    public var format: String
    public var fingerprint: String?
    public var isRehearsal: Bool
    public var options: String
    /// Begins anew where a run of the same is not at its end.
    public var restarts: Bool

    public init(
      kind: LeadImport.Kind = .file, name: String, source: String, format: String, fingerprint: String?,
      isRehearsal: Bool = false, options: String = "{}", restarts: Bool = false
    ) {
      self.kind = kind
      self.name = name
      self.source = source
      self.format = format
      self.fingerprint = fingerprint
      self.isRehearsal = isRehearsal
      self.options = options
      self.restarts = restarts
    }
  }

  public enum Beginning: Hashable, Sendable {
    case fresh(LeadImport)
    /// The run that was not at its end goes on.
    case resumed(LeadImport)

    public var run: LeadImport {
      switch self {
      case .fresh(let run), .resumed(let run): run
      }
    }
  }

  /// Why a run cannot go on. Nothing of the chunk was taken.
  public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// It was finished, given up or undone meanwhile.
    case notRunning
    /// Somebody else works at the same import.
    case displaced

    public var description: String {
      switch self {
      case .notRunning: "the import is not running any more"
      case .displaced: "somebody else is at this import: it has gone on meanwhile"
      }
    }
  }

  /// Begins an import, or finds the one of the same file that is not at its end.
  public func begin(_ wish: Wish, actor: Actor) async throws -> Beginning {
    do { return try await beginOnce(wish, actor) } catch let error as PostgresError
      where error.violates(LeadImportStore.runningConstraint)
    {
      return try await beginOnce(wish, actor)
    }
  }

  private func beginOnce(_ wish: Wish, _ actor: Actor) async throws -> Beginning {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, now: now, in: &transaction)
      if let fingerprint = wish.fingerprint,
        let running = try LeadImportStore.running(
          wish.kind, fingerprint: fingerprint, isRehearsal: wish.isRehearsal, in: &transaction)
      {
        guard wish.restarts else { return .resumed(running) }
        try Self.end(running.id, as: .failed, because: "given up for a new run", now, &transaction)
      }
      let run = LeadImport(
        id: ID(at: now), kind: wish.kind, name: wish.name, source: wish.source, format: wish.format,
        fingerprint: wish.fingerprint, isRehearsal: wish.isRehearsal, options: wish.options,
        actor: actor.text, startedAt: now)
      LeadImportStore.insert(run, in: &transaction)
      return .fresh(run)
    }
  }

  /// Takes everything that the source has, and finishes; of a migration, decides before that whose each lead
  /// is.
  ///
  /// The next chunk is read while the database takes the one before.
  ///
  /// - Parameter onProgress: called after each chunk.
  public func run(
    _ id: ID<LeadImport>, from source: some LeadImportSource, actor: Actor,
    onProgress: @Sendable (LeadImport) -> Void = { _ in }
  ) async throws -> LeadImport {
    var failure: String?
    do {
      var chunk = try await source.next()
      while let current = chunk {
        async let following = source.next()
        onProgress(try await take(current, in: id, actor: actor))
        chunk = try await following
      }
    } catch let error as RecordsError {
      failure = error.description
    }
    if let run = try await find(id), run.kind == .migration { try await settle(id, actor: actor) }
    return try await finish(id, failure: failure, actor: actor)
  }

  /// Takes a chunk in.
  ///
  /// - Throws: `Fault`
  public func take(_ chunk: LeadImportChunk, in id: ID<LeadImport>, actor: Actor) async throws -> LeadImport {
    let now = time.now
    return try await LeadIntake.transaction(database) { transaction in
      guard var run = try LeadImportStore.lock(id, in: &transaction), run.state == .running else {
        throw Fault.notRunning
      }
      guard run.place == chunk.start else { throw Fault.displaced }
      let turn = LeadImportTurn(run: run, now: now, actor: actor)
      let rows = try turn.take(chunk.rows, in: &transaction)
      for row in rows { run.counts[row.verdict] += 1 }
      run.place = chunk.end
      LeadImportStore.update(run, in: &transaction)
      return run
    }
  }

  /// Ends a run that has read everything, or cannot read the rest.
  public func finish(
    _ id: ID<LeadImport>, failure: String? = nil, actor: Actor
  ) async throws -> LeadImport {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, now: now, in: &transaction)
      return try Self.end(
        id, as: failure == nil ? .done : .failed, because: failure, now, &transaction)
    }
  }

  @discardableResult
  static func end(
    _ id: ID<LeadImport>, as state: LeadImport.State, because failure: String?, _ now: Timestamp,
    _ transaction: inout Transaction
  ) throws -> LeadImport {
    guard var run = try LeadImportStore.lock(id, in: &transaction), run.state == .running else {
      throw Fault.notRunning
    }
    run.state = state
    run.failure = failure
    run.finishedAt = now
    // It may be somebody's address.
    run.place.key = nil
    LeadImportStore.update(run, in: &transaction)
    if run.isRehearsal { LeadImportKeyStore.forget(id, in: &transaction) }
    return run
  }

  // MARK: Looking

  public func find(_ id: ID<LeadImport>) async throws -> LeadImport? {
    try await database.transaction(.init(isReadOnly: true)) { try LeadImportStore.find(id, in: &$0) }
  }

  /// Newest first.
  public func list(
    kind: LeadImport.Kind? = nil, state: LeadImport.State? = nil, after id: ID<LeadImport>? = nil, limit: Int
  ) async throws -> [LeadImport] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadImportStore.list(kind: kind, state: state, after: id, limit: limit, in: &$0)
    }
  }

  /// What became of its rows, in their order.
  public func rows(
    of id: ID<LeadImport>, verdicts: [LeadRowVerdict]? = nil, after row: Int = 0, limit: Int
  ) async throws -> [LeadImportRow] {
    try await database.transaction(.init(isReadOnly: true)) {
      try LeadImportRowStore.list(of: id, verdicts: verdicts, after: row, limit: limit, in: &$0)
    }
  }
}
