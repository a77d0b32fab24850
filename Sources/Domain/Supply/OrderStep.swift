/// What a server does next for an order that a provider's program serves. The facts are in the tables, so
/// that whoever comes after a crash goes on where the last one stopped.
public enum OrderStep: Hashable, Sendable {
  /// So many names are to be chosen and written down.
  case choose(count: Int)
  /// The provider was asked to sell these, and nobody knows what came of it: it is asked what it has.
  case settle([OrderValue])
  /// Nobody has asked for these yet, or it is known that they were not sold.
  case buy([OrderValue])
  /// Bought; the provider is asked whether they are set up.
  case poll([OrderValue])
  /// They are set up and known in DNS: into the pool.
  case deliver([OrderValue])
  /// In the pool: is the warm-up over?
  case watch
  case wait(until: Timestamp)
  /// It waits for an operator, or is at its end.
  case nothing

  public static func next(_ order: ResourceOrder, _ values: [OrderValue], now: Timestamp) -> OrderStep {
    func all(_ state: OrderValue.State) -> [OrderValue] { values.filter { $0.state == state } }
    switch order.status {
    case .requested, .available, .failed: return .nothing
    case .approved:
      let sent = all(.sent)
      if !sent.isEmpty { return .settle(sent) }
      let missing = order.quantity - values.count { $0.state != .dropped }
      return missing > 0 ? .choose(count: missing) : .buy(all(.chosen))
    case .placed: return .poll(all(.bought))
    case .arriving:
      let known = order.since + .hours(24 * LeadTime.of(order.kind).propagation)
      return now < known ? .wait(until: known) : .deliver(all(.bought))
    case .warming: return .watch
    }
  }
}

/// Whether and when something that failed is tried again: after 1, 2, 4 … minutes, never more than 6 hours,
/// a quarter more or less so that servers and orders do not come all at once.
public enum Retry: Hashable, Sendable {
  case at(Timestamp)
  /// It has failed too often: it ends, visibly.
  case giveUp

  public static let mostFailures = 10
  /// Once money is spent: more than a week.
  public static let mostFailuresOncePlaced = 40

  /// - Parameters:
  ///   - failures: in a row, the latest included.
  ///   - most: at so many it is given up.
  ///   - chance: from 0 to 1, random.
  ///   - wish: how long the other side asked to wait.
  public static func decide(
    failures: Int, most: Int = mostFailures, chance: Double, wish: Duration? = nil, now: Timestamp
  ) -> Retry {
    precondition(failures >= 1 && (0...1).contains(chance), "a failure, and a chance from 0 to 1")
    guard failures < most else { return .giveUp }
    let delay = min(Duration.minutes(1 << min(failures - 1, 12)), .hours(6)) * (0.75 + chance / 2)
    // Nobody makes us wait for ever.
    return .at(now + max(delay, min(wish ?? .zero, .hours(24))))
  }
}

/// What became of a purchase whose answer was lost. It is settled by looking, never by buying something else
/// in its place: only the same name is asked for again, which cannot be sold twice.
public enum PurchaseSettlement: Hashable, Sendable {
  /// The provider lists it: it is ours.
  case bought
  /// Long after we asked for it the provider neither lists it nor took it off the market: it was never sold.
  case askAgain
  /// Not listed, but not for sale either: it may be on its way to the list.
  case wait
  /// So it stayed until the last look: somebody else has it.
  case dropped

  /// So long a purchase may take to show.
  public static let patience: Duration = .minutes(10)

  /// - Parameters:
  ///   - failures: of the order in a row, this look included.
  public static func decide(
    isListed: Bool, isForSale: Bool, sentAt: Timestamp, failures: Int, now: Timestamp
  ) -> PurchaseSettlement {
    if isListed { return .bought }
    if isForSale, now - sentAt >= patience { return .askAgain }
    return failures >= Retry.mostFailures ? .dropped : .wait
  }
}

/// Keeps the look at the buffer from making order after order while each of them fails, as with a wrong key:
/// after the first failure in a row an hour, then 2, 4 … up to a day.
public enum OrderPause {
  /// When the next automatic order may be made; nil: at once.
  ///
  /// - Parameter failures: when the latest automatic orders failed, newest first, up to one that did not.
  public static func end(after failures: [Timestamp]) -> Timestamp? {
    guard let latest = failures.first else { return nil }
    return latest + min(.hours(1 << min(failures.count - 1, 5)), .hours(24))
  }
}

/// Whether an order that is in the pool is at its end.
public enum OrderCompletion: Hashable, Sendable {
  case wait
  case complete
  /// All of it was retired meanwhile.
  case lost

  /// - Parameter senders: what the order brought; for mailboxes their domains, which warm up for them.
  public static func decide(_ senders: [Resource]) -> OrderCompletion {
    let kept = senders.filter { $0.status != .retired }
    if kept.isEmpty { return .lost }
    return kept.allSatisfy { !$0.kind.needsWarmup || $0.warmup.isCompleted } ? .complete : .wait
  }
}

extension OrderRecord {
  /// Gives up `count` of what is outstanding: the order goes on with the rest, or has failed when there is
  /// none.
  public mutating func giveUp(_ count: Int, because reason: String, at now: Timestamp) {
    guard count > 0 else { return }
    guard count < order.quantity else {
      become(.failed, at: now)
      lastError = reason
      return
    }
    order.giveUp(count)
    completeDelivery(at: now)
    lastError = reason
  }

  /// Gives up what an order that is not placed yet has not bought: it goes on with the rest, or has failed.
  public mutating func giveUpUnbought(
    _ values: inout [OrderValue], because reason: String, at now: Timestamp
  ) {
    for index in values.indices where values[index].state == .chosen || values[index].state == .sent {
      values[index].state = .dropped
    }
    giveUp(order.quantity - values.count { $0.state == .bought }, because: reason, at: now)
    guard order.status == .approved else { return }
    goOn(to: .placed, at: now)
  }

  /// Takes the next step with what is left of it; why the rest was given up, if it was, stays to be read.
  public mutating func goOn(to status: OrderStatus, at now: Timestamp) {
    let reason = lastError
    become(status, at: now)
    lastError = reason
  }

  /// What follows when all of it is in the pool.
  public mutating func completeDelivery(at now: Timestamp) {
    guard order.status == .arriving, order.delivered == order.quantity else { return }
    become(order.kind.warmsUpAfterDelivery ? .warming : .available, at: now)
  }
}
