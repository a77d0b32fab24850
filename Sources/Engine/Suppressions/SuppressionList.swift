import Domain
import Records

/// A list of addresses to suppress, as somebody has it: `value[,kind][,reason]`, with or without a header.
public struct SuppressionList: Sendable {
  /// Of a row, in bytes; a longer one is wrong.
  public static let longestRecord = 65_536

  /// A row of the list, as what it says or what is wrong with it.
  public struct Row: Hashable, Sendable {
    /// Where it stands: the line of a file, or the place in an array from 1.
    public let place: Int
    public let content: Result<NewSuppression, FieldError>

    public init(place: Int, _ content: Result<NewSuppression, FieldError>) {
      self.place = place
      self.content = content
    }
  }

  /// What holds for all rows that do not say otherwise.
  public struct Defaults: Hashable, Sendable {
    public var clientID: ID<Client>?
    /// Nil: each row's value tells.
    public var kind: ContactAddress.Kind?
    public var reason: Suppression.Reason
    public var source: String

    public init(
      clientID: ID<Client>? = nil, kind: ContactAddress.Kind? = nil, reason: Suppression.Reason = .manual,
      source: String = "list"
    ) {
      self.clientID = clientID
      self.kind = kind
      self.reason = reason
      self.source = source
    }
  }

  private static let columns = ["value", "kind", "reason"]
  private var places: [String: Int] = ["value": 0, "kind": 1, "reason": 2]
  private var isFirst = true
  private let defaults: Defaults

  public init(_ defaults: Defaults) { self.defaults = defaults }

  /// Reads one record; nil for the header. Columns that nobody knows are passed over.
  public mutating func row(_ record: Record) -> Row? {
    defer { isFirst = false }
    let fields: [String]
    switch record.content {
    case .fields(let texts): fields = texts
    case .fault(let fault):
      return Row(place: record.line, .failure(FieldError(field: "record", detail: fault)))
    case .object: return nil
    }
    let names = fields.map { $0.trimmed.lowercased() }
    if isFirst, names.contains(where: { ["value", "email", "address", "domain", "phone"].contains($0) }) {
      places = [:]
      for (place, name) in names.enumerated() where places[name] == nil { places[name] = place }
      // A list of one kind is often named by it.
      if places["value"] == nil {
        places["value"] = names.firstIndex { ["email", "address", "domain", "phone"].contains($0) }
      }
      return nil
    }
    func field(_ name: String) -> String? {
      guard let place = places[name], place < fields.count else { return nil }
      let text = fields[place].trimmed
      return text.isEmpty ? nil : text
    }
    return Row(
      place: record.line,
      Result { () throws(FieldError) in
        try Self.suppression(
          value: field("value"), kind: field("kind"), reason: field("reason"), defaults)
      })
  }

  /// What the texts of a row say.
  ///
  /// - Throws: `FieldError` that names the field and not its value.
  public static func suppression(
    value: String?, kind: String?, reason: String?, _ defaults: Defaults
  ) throws(FieldError) -> NewSuppression {
    guard let value else { throw FieldError(field: "value", detail: "required") }
    var wanted = defaults.kind
    if let kind {
      guard let known = ContactAddress.Kind(rawValue: kind.lowercased()) else {
        let kinds = ContactAddress.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw FieldError(field: "kind", detail: "expected one of \(kinds)")
      }
      wanted = known
    }
    var because = defaults.reason
    if let reason {
      let name = reason.lowercased().replacing("-", with: "_").replacing(" ", with: "_")
      guard let known = Suppression.Reason(rawValue: name), known != .erased else {
        let reasons = Suppression.Reason.given.map(\.rawValue).joined(separator: ", ")
        throw FieldError(field: "reason", detail: "expected one of \(reasons)")
      }
      because = known
    }
    let address =
      if let wanted { ContactAddress(wanted, value) } else { ContactAddress(guessing: value) }
    guard let address else {
      let expected = wanted?.expectation ?? "an email address, a domain, a telephone number or a LinkedIn URL"
      throw FieldError(field: "value", detail: "expected \(expected)")
    }
    return NewSuppression(address, for: defaults.clientID, because: because, source: defaults.source)
  }
}

/// What became of the rows of a list; nothing of it is personal.
public struct SuppressionReport: Hashable, Sendable {
  public enum Verdict: Hashable, Sendable {
    case added
    /// Suppressed for the same reason already, or an earlier row said so.
    case known
    case rejected(FieldError)
  }

  public struct Row: Hashable, Sendable {
    public let place: Int
    public let verdict: Verdict
  }

  public var added = 0
  public var known = 0
  public var rejected = 0
  public var rows: [Row] = []

  public init() {}

  mutating func take(_ place: Int, _ verdict: Verdict) {
    switch verdict {
    case .added: added += 1
    case .known: known += 1
    case .rejected: rejected += 1
    }
    rows.append(Row(place: place, verdict: verdict))
  }
}

extension SuppressionService {
  public enum ListOutcome: Hashable, Sendable {
    case done(SuppressionReport)
    case unknownClient
  }

  /// The most rows of one call; a longer list is taken part by part.
  public static let mostRows = 10_000

  /// Takes a part of a list in one transaction; a verdict for each row. Rows that are wrong leave the others
  /// alone.
  public func take(
    _ rows: [SuppressionList.Row], because why: String = "list", actor: Actor,
    idempotency: Idempotency<ListOutcome>? = nil
  ) async throws -> Answered<ListOutcome> {
    precondition(rows.count <= Self.mostRows, "a list is taken part by part")
    let right = rows.compactMap { try? $0.content.get() }
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        let outcome = try Self.added(right, because: why, actor: actor, now: now, in: &transaction)
        guard case .done(let added) = outcome else { return .unknownClient }
        var report = SuppressionReport()
        var answers = added.makeIterator()
        for row in rows {
          switch row.content {
          case .failure(let error): report.take(row.place, .rejected(error))
          case .success: report.take(row.place, answers.next()?.isNew == true ? .added : .known)
          }
        }
        return .done(report)
      }
    }
  }
}
