/// What undoing an import did with a lead that the import made or changed.
public enum LeadUndoOutcome: String, CaseIterable, Hashable, Sendable {
  case deleted, restored
  /// It was only found as it was: there is nothing to undo.
  case nothing
  /// A client has it, or had it.
  case keptAssigned = "kept_assigned"
  /// Something else changed it since.
  case keptChanged = "kept_changed"
  /// Another import found it too.
  case keptShared = "kept_shared"
  /// It was merged with another lead.
  case keptMerged = "kept_merged"
  /// It was forgotten: nothing of it comes back.
  case keptErased = "kept_erased"

  public var isKept: Bool { rawValue.hasPrefix("kept_") }
}

/// What is known of a lead when an import that made it is undone.
public struct MadeLead: Hashable, Sendable {
  public let id: ID<Lead>
  public var isErased = false
  public var isMerged = false
  public var wasAssigned = false
  public var hasChangedSince = false
  public var isInOtherImport = false

  public init(id: ID<Lead>) { self.id = id }

  /// A new lead goes only when nobody has anything to do with it. The strongest reason to keep it is told.
  public var outcome: LeadUndoOutcome {
    if isErased { return .keptErased }
    if isMerged { return .keptMerged }
    if wasAssigned { return .keptAssigned }
    if isInOtherImport { return .keptShared }
    if hasChangedSince { return .keptChanged }
    return .deleted
  }
}
