import Domain
import Testing

@Suite struct `What an event of a payment means` {
  static let prices = TierPrices(byPrice: ["price_v": .velocity], tiers: PricingTier.defaults)
  static let velocity = [PriceHint(id: "price_v")]
  static let before = PaymentAssertion(
    event: "evt_0", contract: "sub_1", at: noon - .seconds(9), kind: .paid(.ignition, from: noon - .hours(1)))

  /// An event at noon about sub_1 of cus_1.
  static func event(
    _ meaning: PaymentEvent.Meaning, _ prices: [PriceHint] = velocity, isLive: Bool = true,
    subscription: String? = "sub_1"
  ) -> PaymentEvent {
    PaymentEvent(
      id: "evt_1", type: "t", at: noon, isLive: isLive,
      references: .init(object: "in_1", payer: "cus_1", subscription: subscription), prices: prices,
      meaning: meaning)
  }

  static func decide(
    _ event: PaymentEvent, client: ID<Client>? = someClient, history: [PaymentAssertion] = [before]
  ) -> PaymentDecision {
    .decide(event, PaymentFacts(expectsLive: true, client: client, prices: prices, history: history))
  }

  enum Expected {
    case target(PaymentTarget?)
    case recorded(isAlert: Bool)
    case ignored
    case failed(String)
  }

  static let table: [(String, PaymentEvent, Expected)] = [
    ("checkout, paid", event(.checkout(isPaid: true)), .target(.tier(.velocity))),
    ("checkout, paid, no tier", event(.checkout(isPaid: true), []), .target(.tier(.ignition))),
    (
      "checkout, paid, tier unknown", event(.checkout(isPaid: true), [.init(tier: "x")]),
      .failed("unknown_price")
    ),
    ("checkout, not paid", event(.checkout(isPaid: false)), .recorded(isAlert: false)),
    ("invoice paid", event(.paid(from: noon)), .target(.tier(.velocity))),
    ("invoice paid, price unknown", event(.paid(from: noon), [.init(id: "p")]), .failed("unknown_price")),
    ("invoice of nothing known", event(.paid(from: noon), [], subscription: nil), .ignored),
    ("payment failed", event(.paymentFailed), .recorded(isAlert: false)),
    ("active", event(.subscription(.active, endsAt: nil)), .target(.tier(.velocity))),
    ("cancelled at the period's end", event(.subscription(.active, endsAt: noon)), .target(.tier(.velocity))),
    ("trialing", event(.subscription(.trialing, endsAt: nil)), .target(.tier(.velocity))),
    ("active, price unknown", event(.subscription(.active, endsAt: nil), []), .failed("unknown_price")),
    ("incomplete", event(.subscription(.incomplete, endsAt: nil)), .target(.tier(.ignition))),
    (
      "incomplete, price unknown", event(.subscription(.incomplete, endsAt: nil), []),
      .recorded(isAlert: false)
    ),
    ("incomplete, expired", event(.subscription(.incompleteExpired, endsAt: nil)), .recorded(isAlert: false)),
    ("past due: grace", event(.subscription(.pastDue, endsAt: nil)), .recorded(isAlert: false)),
    ("unpaid: hold", event(.subscription(.unpaid, endsAt: nil)), .target(.hold)),
    ("unpaid, price unknown", event(.subscription(.unpaid, endsAt: nil), []), .target(.hold)),
    ("paused: hold", event(.subscription(.paused, endsAt: nil)), .target(.hold)),
    ("canceled: hold", event(.subscription(.canceled, endsAt: nil)), .target(.hold)),
    ("deleted: hold", event(.ended, []), .target(.hold)),
    ("refund", event(.moneyReturned), .recorded(isAlert: true)),
    ("of no concern", event(.unconcerned("x")), .ignored),
    ("test mode", event(.paid(from: noon), isLive: false), .ignored),
  ]

  @Test(arguments: table.indices) func `follows from its kind`(index: Int) {
    let (name, event, expected) = Self.table[index]
    let decision = Self.decide(event)
    switch (expected, decision) {
    case (.target(let target), .apply(let assertion, .newest(let found))):
      #expect(target == found && assertion.event == "evt_1" && assertion.contract == "sub_1", "\(name)")
    case (.recorded(let alert), .record(_, let found)): #expect(alert == found, "\(name)")
    case (.ignored, .ignore): break
    case (.failed(let failure), .fail(let found)): #expect(failure == found.name, "\(name)")
    default: Issue.record("\(name): \(decision)")
    }
  }

  @Test func `nobody's event fails, unless nothing would follow from it`() {
    for (name, event, expected) in Self.table {
      let decision = Self.decide(event, client: nil, history: [])
      let isNobodys = if case .fail(.unknownClient) = decision { true } else { false }
      let mayBe =
        switch (event.meaning, expected) {
        case (.unconcerned, _), (.moneyReturned, _), (.paymentFailed, _), (_, .ignored): true
        default: false
        }
      #expect(isNobodys != mayBe, "\(name)")
    }
  }

  @Test func `a failure says what to do, and whether it may pass`() {
    let nobody = PaymentFailure.unknownClient(.init(payer: "cus_1", subscription: "sub_1"))
    #expect(nobody.mayPass && nobody.detail.contains("subscription sub_1, payer cus_1"))
    #expect(PaymentFailure.unknownPrice(["price_x"]).detail.contains("price_x"))
    let broken = PaymentFailure.unreadable(FieldErrors([FieldError(field: "status", detail: "d")]))
    #expect(!broken.mayPass)
  }

  @Test func `tries come at growing distances, and come to an end`() {
    #expect(PaymentRetry.next(after: 1, now: noon) == noon + .seconds(30))
    #expect(PaymentRetry.next(after: 2, now: noon) == noon + .seconds(60))
    #expect(PaymentRetry.next(after: 23, now: noon) == noon + .hours(6))
    #expect(PaymentRetry.next(after: 24, now: noon) == nil)
  }
}
