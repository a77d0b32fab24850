import Crypto
import Domain
import Postgres
import Records
import Store

/// Commands that may carry an idempotency key.
extension LeadImportService {
  /// A file that is at hand whole.
  public struct FileWish: Sendable {
    public var name: String
    /// Nil: what the content tells.
    public var format: RecordFormat?
    /// Nil: `csv`, or `apollo` for JSON.
    public var source: String?
    public var isRehearsal: Bool
    public var options: LeadFileOptions

    public init(
      name: String, format: RecordFormat?, source: String?, isRehearsal: Bool, options: LeadFileOptions
    ) {
      self.name = name
      self.format = format
      self.source = source
      self.isRehearsal = isRehearsal
      self.options = options
    }
  }

  /// Imports a file whose bytes are here; goes on with the run of the same file that was stopped.
  ///
  /// - Throws: `RecordsError`, `LeadColumnMapping.Fault`, `Fault`.
  public func importBytes(
    _ bytes: [UInt8], _ wish: FileWish, actor: Actor, idempotency: Idempotency<LeadImport>? = nil
  ) async throws -> Answered<LeadImport> {
    let format = wish.format ?? RecordFormat(name: wish.name, head: Array(bytes.prefix(64 << 10)))
    let source = wish.source ?? (format == .csv ? "csv" : "apollo")
    // Whether it can be read at all, before anything is begun.
    _ = try LeadFile(format, options: wish.options, source: source, startedAt: time.now) { _ in
      ByteSource(bytes)
    }
    let print = Hexadecimal.encode(sha256(bytes))
    return try await once(idempotency) {
      let begun = try await begin(
        Wish(
          name: wish.name, source: source, format: format.rawValue,
          fingerprint: Hexadecimal.encode(sha256(print + source + wish.options.text)),
          isRehearsal: wish.isRehearsal, options: wish.options.text), actor: actor)
      let file = try LeadFile(
        format, from: begun.run.place, options: wish.options, source: source,
        startedAt: begun.run.startedAt
      ) { ByteSource(bytes, from: $0) }
      return try await run(begun.run.id, from: file, actor: actor)
    }
  }

  /// Undoes all of an import.
  public func undo(
    _ id: ID<LeadImport>, actor: Actor, idempotency: Idempotency<UndoOutcome>?
  ) async throws -> Answered<UndoOutcome> {
    try await once(idempotency) { try await undoWhole(id, actor: actor) }
  }

  /// Something that takes many transactions: its answer is kept when it is done. Until then a repetition goes
  /// on with it.
  private func once<Outcome: Sendable>(
    _ idempotency: Idempotency<Outcome>?, _ body: () async throws -> Outcome
  ) async throws -> Answered<Outcome> {
    guard let idempotency else { return .fresh(try await body()) }
    let start = time.now
    let earlier = try await database.transaction { transaction in
      idempotency.earlier(try IdempotencyStore.lock([idempotency.use], now: start, in: &transaction)[0])
    }
    if let earlier { return earlier }
    let outcome = try await body()
    let end = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: end, in: &transaction) { _ in outcome }
    }
  }
}
