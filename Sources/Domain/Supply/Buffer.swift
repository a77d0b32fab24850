/// R10: what of one kind must lie ready, what does, and what is to be bought.
public struct Buffer: Hashable, Sendable {
  public let kind: ResourceKind
  /// Resources with a client that is not on hold.
  public let assigned: Int
  /// Those that could be assigned now and send at once: `Assignability.countsAsBuffer`.
  public let available: Int
  /// Ordered and not yet delivered (`ResourceOrder.outstanding`), and those that are warming.
  public let arriving: Int
  /// What clients paid for and wait for (R6).
  public let backordered: Int

  public static let percent = 40
  public static let criticalPercent = 20

  public init(kind: ResourceKind, assigned: Int, available: Int, arriving: Int, backordered: Int = 0) {
    precondition(min(assigned, available, arriving, backordered) >= 0, "a count below zero")
    self.kind = kind
    self.assigned = assigned
    self.available = available
    self.arriving = arriving
    self.backordered = backordered
  }

  /// ⌊assigned × 40 / 100⌋.
  public var required: Int { Self.part(Self.percent, of: assigned) }

  /// What the buffer lacks: what is on its way is not ordered again. Never below zero.
  public var shortfall: Int { max(0, required - available - arriving) }

  /// What is to be ordered: the shortfall, and what clients wait for, which will take what arrives first.
  public var toOrder: Int { max(0, required + backordered - available - arriving) }

  /// What is on its way does not count: the alert tells what could be given today.
  public var level: BufferLevel {
    if available < Self.part(Self.criticalPercent, of: assigned) { return .critical }
    return available < required ? .low : .ok
  }

  private static func part(_ percent: Int, of count: Int) -> Int { count * percent / 100 }
}

public enum BufferLevel: String, CaseIterable, Hashable, Sendable {
  case ok
  /// Fewer are available than 40 % of what is assigned.
  case low
  /// Fewer than 20 %.
  case critical

  /// What becomes of the alert of a kind when it is now at this level. `alert` is the level of the open one,
  /// nil when none is open.
  public func change(ofAlert alert: BufferLevel?) -> BufferAlertChange {
    let open = alert == .ok ? nil : alert
    if self == .ok { return open == nil ? .keep : .clear }
    return open == self ? .keep : .raise(self)
  }
}

public enum BufferAlertChange: Hashable, Sendable {
  case keep
  /// Open an alert of this level, in the place of the one that is open.
  case raise(BufferLevel)
  case clear
}
