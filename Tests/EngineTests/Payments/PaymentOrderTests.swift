import Domain
import Engine
import Postgres
import Store
import TestSupport
import Testing

/// The events of one client's life in every order that they can arrive in.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PaymentOrderTests {
  struct Life: Sendable, CustomTestStringConvertible {
    let name: String
    let events: @Sendable (StripeMessage.Sale) -> [StripeMessage]
    /// The tier that it has, the one that follows, its state, and whose resources it has.
    let tier: PricingTierName
    var next: PricingTierName?
    var state = Subscription.State.active
    let owns: PricingTierName
    var testDescription: String { name }
  }

  static let lives = [
    Life(
      name: "signs up and upgrades",
      events: {
        [
          $0.changed(-60, "ignition", status: "incomplete", kind: "created"), $0.checkout(-59),
          $0.paid(-58, "ignition"), $0.changed(-50, "velocity"), $0.paid(-49, "velocity"),
        ]
      }, tier: .velocity, owns: .velocity),
    Life(
      name: "downgrades before the end of its month",
      events: {
        [
          $0.checkout(-59), $0.paid(-58, "velocity"),
          $0.paid(-58, "velocity", type: "invoice.payment_succeeded"),
          $0.changed(-50, "ignition", status: "past_due"), $0.changed(-40, "ignition"),
        ]
      }, tier: .velocity, next: .ignition, owns: .velocity),
    Life(
      name: "leaves",
      events: {
        [
          $0.checkout(-59), $0.paid(-58, "ignition"), $0.changed(-50, "velocity"),
          $0.changed(-40, "velocity", status: "unpaid"), $0.deleted(-30),
        ]
      }, tier: .velocity, state: .onHold, owns: .velocity),
    Life(
      name: "does not pay, then pays",
      events: {
        [
          $0.checkout(-59), $0.paid(-58, "ignition"), $0.changed(-50, "ignition", status: "unpaid"),
          $0.paid(-40, "ignition"), $0.changed(-39, "ignition"),
        ]
      }, tier: .ignition, owns: .ignition),
  ]

  @Test(arguments: lives, [true, false])
  func `lead to the same state`(life: Life, isNamed: Bool) async throws {
    let base = ResourceWorld()
    let world = PaymentWorld(base)
    try await world.setPrices()
    // More than one client ever has, so that nothing hangs on who came first.
    try await base.stock(
      ResourceCounts(emailDomains: 6, mailboxes: 12, phoneNumbers: 3, linkedInSeats: 8))
    let tiers = Dictionary(uniqueKeysWithValues: PricingTier.defaults.map { ($0.name, $0.resources) })
    for (number, order) in Self.permutations([0, 1, 2, 3, 4]).enumerated() {
      let client = try await base.client("Company \(number)")
      let events = life.events(.init(client: client, name: "\(number)", isNamed: isNamed))
      for index in order { try await world.deliver(events[index]) }
      try await world.runJob()
      let found = try await world.standing(client)
      #expect(
        found.state == life.state && found.tier == life.tier && found.next == life.next
          && found.owns == tiers[life.owns] && found.backordered.isZero, "\(order): \(found)")
      for event in events { #expect(try await world.state(event.id) == .processed, "\(order) \(event.id)") }
      try await giveBack(client, in: base)
    }
    try await base.expectClean()
  }

  private func giveBack(_ client: ID<Client>, in base: ResourceWorld) async throws {
    _ = try await base.subscriptions.end(client, actor: .commandLine)
    base.clock.advance(by: Hold.length)
    try await base.runJobs()
    #expect(try await base.counts(client).isZero)
  }

  private static func permutations(_ elements: [Int]) -> [[Int]] {
    guard elements.count > 1 else { return [elements] }
    return elements.flatMap { first in
      permutations(elements.filter { $0 != first }).map { [first] + $0 }
    }
  }
}
