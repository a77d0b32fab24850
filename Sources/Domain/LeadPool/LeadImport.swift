/// A run of records into the pool: a file, a search at a provider, or the leads that a platform had before.
public struct LeadImport: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case file, scout, migration
  }

  public enum State: String, CaseIterable, Hashable, Sendable {
    case running, done
    /// What it read turned out to be unreadable; the rows before are in the pool.
    case failed
    case undoing, undone
  }

  public let id: ID<LeadImport>
  public let kind: Kind
  /// Of the file, without its folder; or what was searched, or the table.
  public let name: String
  /// What its records are said to come from: `apollo`, `csv`.
  public let source: String
  /// `csv`, `json`, `jsonl`, `table`.
  public let format: String
  /// Tells whether a file is the same again; nil for what cannot be read twice.
  public let fingerprint: String?
  /// A rehearsal changes nothing in the pool; its verdicts are kept like any others.
  public let isRehearsal: Bool
  /// JSON: how columns are read, and whatever else the run goes by.
  public let options: String
  public let actor: String
  public var state: State
  public var place: LeadImportPlace
  public var counts: LeadImportCounts
  /// Why it failed.
  public var failure: String?
  public let startedAt: Timestamp
  public var finishedAt: Timestamp?

  public init(
    id: ID<LeadImport>, kind: Kind, name: String, source: String, format: String, fingerprint: String?,
    isRehearsal: Bool, options: String = "{}", actor: String, state: State = .running,
    place: LeadImportPlace = .start, counts: LeadImportCounts = LeadImportCounts(), failure: String? = nil,
    startedAt: Timestamp, finishedAt: Timestamp? = nil
  ) {
    self.id = id
    self.kind = kind
    self.name = name
    self.source = source
    self.format = format
    self.fingerprint = fingerprint
    self.isRehearsal = isRehearsal
    self.options = options
    self.actor = actor
    self.state = state
    self.place = place
    self.counts = counts
    self.failure = failure
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }
}

/// How far a run has come: it goes on from here after a crash.
public struct LeadImportPlace: Hashable, Sendable {
  /// Bytes read.
  public var offset: Int
  /// Rows taken.
  public var row: Int
  public var line: Int
  /// The reader's own matter.
  public var mode: Int
  /// The key of the last row of a table.
  public var key: String?

  public init(offset: Int = 0, row: Int = 0, line: Int = 1, mode: Int = 0, key: String? = nil) {
    self.offset = offset
    self.row = row
    self.line = line
    self.mode = mode
    self.key = key
  }

  public static let start = LeadImportPlace()
}

/// What became of a row of an import.
public enum LeadRowVerdict: String, CaseIterable, Hashable, Sendable {
  case new, updated, unchanged, merged
  /// The same person as an earlier row of this import.
  case duplicate
  case conflict, suppressed, rejected
}

/// How many rows got which verdict.
public struct LeadImportCounts: Hashable, Sendable {
  private var counts: [LeadRowVerdict: Int]

  public init(_ counts: [LeadRowVerdict: Int] = [:]) { self.counts = counts.filter { $0.value != 0 } }

  public subscript(verdict: LeadRowVerdict) -> Int {
    get { counts[verdict, default: 0] }
    set { counts[verdict] = newValue == 0 ? nil : newValue }
  }

  public var total: Int { counts.values.reduce(0, +) }
}

/// One row of an import, and what became of it. Nothing personal.
public struct LeadImportRow: Hashable, Sendable {
  /// From 1.
  public let row: Int
  public var verdict: LeadRowVerdict
  /// Whether the row made the lead, whatever its verdict.
  public var isNew: Bool
  public var leadID: ID<Lead>?
  /// The earlier row that a duplicate repeats.
  public var earlierRow: Int?
  public var conflictID: ID<LeadConflict>?
  /// Why it was rejected, or what is worth knowing of it: names of fields, codes.
  public var detail: String?
  /// What undoing did: `deleted`, `restored`, or why it was kept.
  public var undone: LeadUndoOutcome?

  public init(
    row: Int, verdict: LeadRowVerdict, isNew: Bool = false, leadID: ID<Lead>? = nil, earlierRow: Int? = nil,
    conflictID: ID<LeadConflict>? = nil, detail: String? = nil, undone: LeadUndoOutcome? = nil
  ) {
    self.row = row
    self.verdict = verdict
    self.isNew = isNew
    self.leadID = leadID
    self.earlierRow = earlierRow
    self.conflictID = conflictID
    self.detail = detail
    self.undone = undone
  }
}
