/// Where a resource is in its life. `canBecome` is the whole state machine.
public enum ResourceStatus: String, CaseIterable, Hashable, Sendable {
  /// In the pool with a free place: nobody's, or shared by fewer clients than it may have.
  case available
  /// All its places are taken. A domain that warms up while it has a client is assigned, not warming.
  case assigned
  /// In the pool and warming up; selected by nobody (R5).
  case warming
  /// Gone for good, or until a review finds it fit again.
  case retired
  /// All its places are taken, every one by a client that has left less than 30 days ago (R7).
  case held
  /// Out of use through a fault, until reviewed; its clients keep it.
  case quarantined

  public func canBecome(_ next: ResourceStatus) -> Bool { obstacle(to: next) == nil }

  /// Why it cannot become `next`; nil when it can.
  public func obstacle(to next: ResourceStatus) -> StatusObstacle? {
    switch (self, next) {
    case (.available, .available), (.assigned, .assigned), (.warming, .warming), (.retired, .retired),
      (.held, .held), (.quarantined, .quarantined):
      .already
    case (.available, .assigned), (.available, .warming), (.available, .quarantined), (.available, .retired),
      (.assigned, .available), (.assigned, .held), (.assigned, .quarantined),
      (.warming, .available), (.warming, .quarantined), (.warming, .retired),
      (.held, .assigned), (.held, .available), (.held, .quarantined),
      (.quarantined, .available), (.quarantined, .assigned), (.quarantined, .held), (.quarantined, .warming),
      (.quarantined, .retired), (.retired, .quarantined):
      nil
    case (.retired, _): .reviewFirst
    case (.assigned, .retired), (.held, .retired), (.assigned, .warming), (.held, .warming): .releaseFirst
    case (.warming, .assigned), (.warming, .held): .notWarmedUp
    case (.available, .held): .hasFreePlace
    }
  }

  /// What a resource is that is neither in warm-up, quarantine nor retirement, by its places alone.
  ///
  /// - Parameters:
  ///   - currentClients: unreleased assignments, those on hold included.
  ///   - heldClients: those of them that are on hold.
  public static func resting(maxClients: Int, currentClients: Int, heldClients: Int) -> ResourceStatus {
    precondition(0 <= heldClients && heldClients <= currentClients && currentClients <= maxClients)
    if currentClients < maxClients { return .available }
    return heldClients == currentClients ? .held : .assigned
  }
}

/// Why a resource cannot change its status so.
public enum StatusObstacle: String, CaseIterable, Hashable, Sendable {
  case already
  /// It still has a client, be it one on hold.
  case releaseFirst = "release_first"
  /// A retired resource goes into quarantine, and from there back after its review.
  case reviewFirst = "review_first"
  case notWarmedUp = "not_warmed_up"
  /// Only what is taken can be assigned or, after its client left, on hold.
  case hasFreePlace = "has_free_place"

  public var detail: String {
    switch self {
    case .already: "it has this status already"
    case .releaseFirst: "it has a client: release it first"
    case .reviewFirst: "it is retired: put it into quarantine, then review it"
    case .notWarmedUp: "it is warming up: nobody gets it before that is completed"
    case .hasFreePlace: "it has a free place: only when all are taken is it assigned or on hold"
    }
  }
}

extension Resource {
  /// Its status after an assignment began, went on hold, came back or ended: warm-up, quarantine and
  /// retirement stay, the rest follows from its places.
  public func settledStatus(heldClients: Int) -> ResourceStatus {
    switch status {
    case .warming, .quarantined, .retired: status
    case .available, .assigned, .held:
      .resting(maxClients: maxClients, currentClients: currentClients, heldClients: heldClients)
    }
  }

  /// Why this resource cannot become `next`, its places considered; nil when it can.
  public func obstacle(to next: ResourceStatus) -> StatusObstacle? {
    if let obstacle = status.obstacle(to: next) { return obstacle }
    switch next {
    case .retired, .warming: return currentClients > 0 ? .releaseFirst : nil
    case .available: return currentClients < maxClients ? nil : .releaseFirst
    case .assigned, .held: return currentClients == maxClients ? nil : .hasFreePlace
    case .quarantined: return nil
    }
  }
}
