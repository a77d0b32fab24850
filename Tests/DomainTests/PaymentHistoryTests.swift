import Domain
import Testing

private let prices = TierPrices(tiers: PricingTier.defaults)

/// Second `second` after noon.
private func after(_ second: Int) -> Timestamp { noon + .seconds(second) }

private func said(
  _ second: Int, _ kind: PaymentAssertion.Kind, of contract: String = "sub_1", event: String? = nil
) -> PaymentAssertion {
  PaymentAssertion(
    event: event ?? "evt_\(contract)_\(second)", contract: contract, at: after(second), kind: kind)
}

private func paid(_ tier: PricingTierName?, from second: Int) -> PaymentAssertion.Kind {
  .paid(tier, from: after(second))
}

/// A client as its turn would leave it, with tiers for resources.
private struct ModelClient: Hashable {
  enum State { case none, active, onHold }
  var state = State.none
  var has = 0
  var tier = 0
  var next: Int?

  mutating func take(_ target: PaymentTarget) {
    switch target {
    case .hold:
      guard state == .active else { return }
      state = .onHold
      next = nil
    case .tier(let name):
      guard let wanted = PricingTier.defaults.firstIndex(where: { $0.name == name }) else { return }
      let has = state == .active ? max(self.has, wanted + 1) : wanted + 1
      next = has > wanted + 1 ? wanted + 1 : nil
      if next == nil { tier = wanted + 1 }
      self.has = has
      state = .active
    }
  }

  /// The client after these have arrived one after the other.
  static func after(_ arrivals: [PaymentAssertion]) -> ModelClient {
    var client = ModelClient()
    var known: [PaymentAssertion] = []
    for arrival in arrivals {
      switch PaymentHistory(known, prices: prices).adding(arrival, monthStart: nil) {
      case .newest(let target): if let target { client.take(target) }
      case .lateWithoutEffect: break
      case .late(let targets): for target in targets { client.take(target) }
      }
      known.append(arrival)
    }
    return client
  }
}

private func permutations<Element>(_ elements: [Element]) -> [[Element]] {
  guard elements.count > 1 else { return [elements] }
  return elements.indices.flatMap { index in
    var rest = elements
    let first = rest.remove(at: index)
    return permutations(rest).map { [first] + $0 }
  }
}

@Suite struct `Payments in any order` {
  fileprivate static let lives: [(name: String, events: [PaymentAssertion], end: ModelClient)] = [
    (
      "sign-up, upgrade, downgrade",
      [
        said(0, .priced(.ignition)), said(1, paid(.ignition, from: 0)), said(2, .active(.ignition)),
        said(10, .active(.velocity)), said(20, .active(.ignition)),
      ], ModelClient(state: .active, has: 2, tier: 2, next: 1)
    ),
    (
      "unpaid, paid again for less, gone",
      [
        said(1, paid(.velocity, from: 1)), said(5, .stopped), said(6, .active(.ignition)),
        said(7, paid(.ignition, from: 7)), said(9, .active(.velocity)), said(12, .ended),
      ], ModelClient(state: .onHold, has: 2, tier: 2, next: nil)
    ),
    (
      "one subscription in the place of another",
      [
        said(1, paid(.ignition, from: 1)), said(5, paid(.velocity, from: 5), of: "sub_2"),
        said(6, .ended), said(9, .ended, of: "sub_2"), said(12, paid(.dominance, from: 12), of: "sub_3"),
      ], ModelClient(state: .active, has: 3, tier: 3, next: nil)
    ),
    (
      "an old debt is paid after the end",
      [said(1, paid(.velocity, from: 1)), said(5, .stopped), said(8, .ended), said(9, paid(nil, from: 1))],
      ModelClient(state: .onHold, has: 2, tier: 2, next: nil)
    ),
  ]

  @Test(arguments: lives.indices)
  func `the same events lead to the same state, whatever arrives first`(index: Int) {
    let life = Self.lives[index]
    for order in permutations(life.events) {
      let end = ModelClient.after(order)
      #expect(end == life.end, "\(life.name): \(order.map(\.event))")
    }
  }

  @Test func `lives drawn at random agree with the order in which they happened`() {
    var generator = SeededGenerator(seed: 7)
    let tiers = PricingTier.defaults.map(\.name)
    for _ in 0..<60 {
      let events = (0..<7).map { second -> PaymentAssertion in
        let tier = tiers.randomElement(using: &generator)!
        // Nothing follows the end of a subscription.
        if second == 6, Bool.random(using: &generator) { return said(7, .ended, of: "a") }
        let kinds: [PaymentAssertion.Kind] = [
          .priced(tier), paid(tier, from: second / 2), paid(tier, from: second / 2), .active(tier),
          .active(tier),
          .stopped,
        ]
        return said(
          second / 2, kinds.randomElement(using: &generator)!, of: Bool.random(using: &generator) ? "a" : "b",
          event: "evt_\(second)")
      }
      let expected = ModelClient.after(events.sorted())
      for _ in 0..<20 {
        let order = events.shuffled(using: &generator)
        #expect(ModelClient.after(order) == expected, "\(order)")
      }
    }
  }

  @Test func `an event that comes twice says nothing new`() {
    let events = Self.lives[0].events
    for event in events.dropLast() {
      let change = PaymentHistory(events, prices: prices).adding(event, monthStart: nil)
      #expect(change == .lateWithoutEffect)
    }
    let last = PaymentHistory(events, prices: prices).adding(events[4], monthStart: nil)
    #expect(last == .newest(.tier(.ignition)), "the newest is confirmed again")
  }

  @Test func `a status alone gives nothing before a payment`() {
    let history = PaymentHistory([], prices: prices)
    #expect(history.adding(said(1, .active(.velocity)), monthStart: nil) == .newest(nil))
    #expect(history.adding(said(1, .priced(.velocity)), monthStart: nil) == .newest(nil))
    let known = PaymentHistory([said(1, .active(.velocity))], prices: prices)
    #expect(known.adding(said(2, paid(nil, from: 2)), monthStart: nil) == .newest(.tier(.velocity)))
  }

  @Test func `what was never paid ends nothing; what nobody has heard of may`() {
    let pending = PaymentHistory([said(1, .priced(.velocity))], prices: prices)
    #expect(pending.adding(said(2, .ended), monthStart: nil) == .newest(nil))
    #expect(PaymentHistory([], prices: prices).adding(said(2, .ended), monthStart: nil) == .newest(.hold))
  }

  @Test func `while another subscription is paid, the end of one is not the end`() {
    let both = [said(1, paid(.velocity, from: 1)), said(2, paid(.ignition, from: 2), of: "sub_2")]
    let history = PaymentHistory(both, prices: prices)
    #expect(history.adding(said(3, .ended), monthStart: nil) == .newest(.tier(.ignition)))
    #expect(history.adding(said(3, .ended, of: "sub_2"), monthStart: nil) == .newest(.tier(.velocity)))
  }

  @Test func `an invoice of an older period does not undo a newer price`() {
    let upgraded = [said(0, paid(.ignition, from: 0)), said(50, .active(.velocity))]
    let history = PaymentHistory(upgraded, prices: prices)
    // A renewal of before the upgrade, collected after it.
    #expect(history.adding(said(60, paid(.ignition, from: 40)), monthStart: nil) == .newest(.tier(.velocity)))
    #expect(history.adding(said(60, paid(.ignition, from: 55)), monthStart: nil) == .newest(.tier(.ignition)))
  }

  @Test func `what comes later than its billing month earns nothing of its own`() {
    let known = [said(10, .active(.ignition)), said(2, paid(.ignition, from: 2))]
    let history = PaymentHistory(known, prices: prices)
    let late = said(5, .active(.velocity))
    #expect(
      history.adding(late, monthStart: after(4))
        == .late([.tier(.ignition), .tier(.velocity), .tier(.ignition)]))
    #expect(history.adding(late, monthStart: after(6)) == .late([.tier(.ignition)]))
  }
}

@Suite struct `Prices of tiers` {
  private let known = TierPrices(
    byPrice: ["price_v": .velocity, "dominance_monthly": .dominance], tiers: PricingTier.defaults)

  @Test func `a price is known by its id, its lookup key, or the tier noted with it`() {
    #expect(known.tier(of: [PriceHint(id: "price_v", tier: "ignition")]) == .velocity)
    #expect(known.tier(of: [PriceHint(id: "price_x", lookupKey: "dominance_monthly")]) == .dominance)
    #expect(known.tier(of: [PriceHint(id: "price_x", tier: "ignition")]) == .ignition)
    #expect(known.tier(of: [PriceHint(id: "price_x", tier: "gold"), PriceHint(tier: "Not a name")]) == nil)
    #expect(known.tier(of: []) == nil)
  }

  @Test func `whole lines count before prorations, those before notes, and the dearest among them`() {
    let addOn = PriceHint(id: "price_add_on")
    let note = PriceHint(tier: "dominance", place: .whole)
    let proration = PriceHint(tier: "velocity", place: .proration)
    #expect(known.tier(of: [note, proration, PriceHint(tier: "ignition"), addOn]) == .ignition)
    #expect(known.tier(of: [note, proration, addOn]) == .velocity)
    #expect(known.tier(of: [note, addOn]) == .dominance)
    #expect(known.tier(of: [PriceHint(tier: "ignition"), PriceHint(tier: "velocity")]) == .velocity)
  }
}
