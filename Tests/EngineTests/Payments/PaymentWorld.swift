import Crypto
import Domain
import Engine
import JSON
import Postgres
import Runtime
import Store
import Synchronization
import TestSupport
import Testing

/// An inventory whose clients pay through Stripe.
struct PaymentWorld: Sendable {
  let base: ResourceWorld
  let payments: PaymentService
  let heard = Heard()

  /// What was told to operators.
  final class Heard: Sendable {
    private let content = Mutex<[PaymentNotice]>([])
    var notices: [PaymentNotice] { content.withLock { $0 } }
    func add(_ notice: PaymentNotice) { content.withLock { $0.append(notice) } }
  }

  init(_ base: ResourceWorld = ResourceWorld(), expectsLive: Bool = true) {
    self.base = base
    let heard = heard
    payments = PaymentService(
      database: base.pool.database, time: base.clock,
      settings: PaymentSettings(secrets: [Secret("whsec_test")], expectsLive: expectsLive)
    ) { heard.add($0) }
  }

  /// A tier's prices are `price_ignition`, `price_velocity`, `price_dominance`.
  func setPrices() async throws {
    for tier in PricingTier.defaults.map(\.name) {
      guard case .set = try await payments.setPrice("price_\(tier)", to: tier)
      else { throw ResourceWorld.Unexpected(what: "no tier") }
    }
  }

  /// Delivers it, as the webhook would; what became of it.
  @discardableResult
  func deliver(_ event: StripeMessage) async throws -> PaymentEventStore.Record {
    let receipt = try await payments.receive(event.bytes(at: base.clock.now))
    guard case .stored(let record, _) = receipt else { throw ResourceWorld.Unexpected(what: "\(receipt)") }
    return record
  }

  func runJob() async throws {
    _ = try await PaymentEventsJob(payments).runOnce(now: base.clock.now, limit: 100)
  }

  func state(_ event: String) async throws -> PaymentEventStore.State? {
    try await payments.find(event)?.record.state
  }

  /// What a client has and is to have, without ids and times of its own.
  struct Standing: Hashable, Sendable, CustomStringConvertible {
    var state: Subscription.State?
    var tier: PricingTierName?
    var next: PricingTierName?
    var nextAt: Timestamp?
    var heldUntil: Timestamp?
    var owns = ResourceCounts.zero
    var backordered = ResourceCounts.zero

    var description: String {
      "\(state?.rawValue ?? "none") \(tier?.text ?? "-") → \(next?.text ?? "-") "
        + "\(heldUntil?.description ?? "") "
        + "owns \(owns.total), waits for \(backordered.total)"
    }
  }

  func standing(_ client: ID<Client>) async throws -> Standing {
    var standing = Standing()
    standing.owns = try await base.counts(client)
    guard let found = try await base.subscriptions.standing(of: client) else { return standing }
    standing.state = found.subscription.state
    standing.tier = found.subscription.tier
    standing.next = found.subscription.next?.tier
    standing.nextAt = found.subscription.next?.at
    standing.heldUntil = found.subscription.heldUntil
    standing.backordered = found.backordered
    return standing
  }
}

/// One event of Stripe's, with only the fields that matter.
struct StripeMessage: Sendable {
  var id: String
  var type: String
  /// Seconds from now.
  var age = 0
  var isLive = true
  var object: JSONMap

  func bytes(at now: Timestamp) -> [UInt8] {
    let event: JSONValue = [
      "id": .string(id), "object": "event", "type": .string(type),
      "created": .int(Int(now.microseconds / 1_000_000) + age), "livemode": .bool(isLive),
      "data": ["object": .object(object)],
    ]
    return event.bytes()
  }

  /// What one client buys: its subscription `sub_<name>`, paid by `cus_<name>`.
  struct Sale: Sendable {
    let client: ID<Client>
    let name: String
    /// Whether each event names the client, as the subscription's metadata do; else only the checkout does.
    var isNamed = true

    private func id(_ what: String, _ second: Int) -> String { "evt_\(name)_\(what)_\(second + 1_000)" }

    private var metadata: JSONValue { isNamed ? ["client_id": .string("\(client)")] : [:] }

    func checkout(_ second: Int, status: String = "paid") -> StripeMessage {
      StripeMessage(
        id: id("checkout", second), type: "checkout.session.completed", age: second,
        object: [
          "id": .string("cs_\(name)"), "object": "checkout.session", "mode": "subscription",
          "payment_status": .string(status), "client_reference_id": .string("\(client)"),
          "customer": .string("cus_\(name)"), "subscription": .string("sub_\(name)"), "metadata": [:],
        ])
    }

    func paid(_ second: Int, _ tier: String, type: String = "invoice.paid") -> StripeMessage {
      StripeMessage(
        id: id(type, second), type: type, age: second,
        object: [
          "id": .string("in_\(name)_\(second)"), "object": "invoice", "status": "paid",
          "customer": .string("cus_\(name)"),
          "parent": ["subscription_details": ["subscription": .string("sub_\(name)"), "metadata": metadata]],
          "lines": [
            "data": [["amount": 1, "pricing": ["price_details": ["price": .string("price_\(tier)")]]]]
          ],
        ])
    }

    func changed(_ second: Int, _ tier: String, status: String = "active", kind: String = "updated")
      -> StripeMessage
    {
      StripeMessage(
        id: id(kind + status, second), type: "customer.subscription.\(kind)", age: second,
        object: [
          "id": .string("sub_\(name)"), "object": "subscription", "status": .string(status),
          "customer": .string("cus_\(name)"), "metadata": metadata,
          "items": ["data": [["price": ["id": .string("price_\(tier)")]]]],
        ])
    }

    func deleted(_ second: Int) -> StripeMessage {
      changed(second, "ignition", status: "canceled", kind: "deleted")
    }
  }
}
