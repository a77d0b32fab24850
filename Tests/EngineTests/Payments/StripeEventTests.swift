import Domain
import Foundation
import JSON
import Testing

@testable import Engine

@Suite struct `Stripe's events` {
  static let client = ID<Client>("3f1b7c1e-0000-4000-8000-000000000007")!
  static let growth = PriceHint(id: "price_example_growth", lookupKey: "growth_monthly", tier: "growth")

  static func sample(_ name: String) throws -> [UInt8] {
    let folder = #filePath.components(separatedBy: "/Payments/")[0] + "/Fixtures/"
    return Array(try Data(contentsOf: URL(filePath: folder + "stripe-\(name).json")))
  }

  /// An event with this object, of the sample's envelope.
  static func read(_ type: String, _ object: String) throws -> PaymentEvent {
    try StripeEvent.read(
      Array(
        """
        {"id":"evt_1","object":"event","type":"\(type)","created":1793000000,"livemode":true,
         "data":{"object":\(object)}}
        """.utf8))
  }

  @Test func `a checkout is read`() throws {
    let event = try StripeEvent.read(try Self.sample("checkout.session.completed"))
    #expect(event.id == "evt_example01" && event.at.description == "2026-10-26T07:33:20Z" && !event.isLive)
    #expect(
      event.references
        == .init(
          object: "cs_test_example1", payer: "cus_example1", subscription: "sub_example1", client: Self.client
        )
    )
    #expect(event.prices == [PriceHint(tier: "growth", place: .whole)])
    #expect(event.meaning == .checkout(isPaid: true))
  }

  @Test func `an invoice is read, with its fields at their new places`() throws {
    let event = try StripeEvent.read(try Self.sample("invoice.paid"))
    #expect(
      event.references
        == .init(
          object: "in_example1", payer: "cus_example1", subscription: "sub_example1", client: Self.client))
    #expect(event.prices == [PriceHint(id: "price_example_growth")])
    #expect(event.meaning == .paid(from: Timestamp(microseconds: 1_792_999_970_000_000)))
  }

  @Test func `an invoice is read, with its fields at their old places`() throws {
    let event = try Self.read(
      "invoice.paid",
      """
      {"id":"in_1","object":"invoice","customer":{"id":"cus_1","object":"customer"},"subscription":"sub_1",
       "paid":true,"subscription_details":{"metadata":{"client_id":"\(Self.client)","tier":"velocity"}},
       "lines":{"data":[
         {"amount":-9,"proration":true,"price":{"id":"price_old"},"period":{"start":9}},
         {"amount":9,"proration":true,"price":{"id":"price_new"},"period":{"start":5}},
         {"amount":7,"proration":false,"plan":{"id":"plan_1","metadata":{"tier":"x"}},"period":{"start":4}}]}}
      """)
    #expect(
      event.references
        == .init(object: "in_1", payer: "cus_1", subscription: "sub_1", client: Self.client))
    #expect(
      event.prices == [
        PriceHint(id: "price_new", place: .proration), PriceHint(id: "plan_1", tier: "x"),
        PriceHint(tier: "velocity", place: .whole),
      ])
    #expect(event.meaning == .paid(from: Timestamp(microseconds: 5_000_000)))
  }

  @Test(arguments: [
    ("subscription.updated-upgrade", PaymentEvent.Status.active, nil as String?),
    ("subscription.updated-cancel-at-period-end", .active, "2026-11-24T03:46:40Z"),
    ("subscription.updated-past-due", .pastDue, nil),
  ])
  func `a subscription is read`(name: String, status: PaymentEvent.Status, end: String?) throws {
    let event = try StripeEvent.read(try Self.sample(name))
    #expect(event.meaning == .subscription(status, endsAt: end.flatMap { Timestamp($0) }))
    #expect(event.references.subscription == "sub_example1" && event.references.client == Self.client)
    let scale = PriceHint(id: "price_example_scale", lookupKey: "scale_monthly", tier: "scale")
    #expect(event.prices == [name.hasSuffix("upgrade") ? scale : Self.growth])
  }

  @Test func `the end of a subscription is read`() throws {
    let event = try StripeEvent.read(try Self.sample("subscription.deleted"))
    #expect(event.meaning == .ended && event.references.subscription == "sub_example1")
  }

  static let meanings: [(String, String, PaymentEvent.Meaning)] = [
    (
      "checkout.session.completed", #"{"subscription":"s","payment_status":"unpaid"}"#,
      .checkout(isPaid: false)
    ),
    (
      "checkout.session.completed", #"{"subscription":{"id":"s"},"payment_status":"no_payment_required"}"#,
      .checkout(isPaid: true)
    ),
    (
      "checkout.session.async_payment_succeeded", #"{"subscription":"s","payment_status":"paid"}"#,
      .checkout(isPaid: true)
    ),
    ("checkout.session.async_payment_failed", "{}", .paymentFailed),
    (
      "checkout.session.completed", #"{"mode":"setup"}"#, .unconcerned("a checkout that sells nothing")
    ),
    (
      "checkout.session.completed", #"{"mode":"payment","payment_status":"paid","client_reference_id":"7"}"#,
      .unconcerned("a checkout of no subscription and no client")
    ),
    ("invoice.payment_failed", "{}", .paymentFailed),
    ("invoice.payment_succeeded", #"{"subscription":"s"}"#, .paid(from: Timestamp("2026-10-26T07:33:20Z")!)),
    ("customer.subscription.paused", #"{"status":"paused"}"#, .subscription(.paused, endsAt: nil)),
    ("customer.subscription.created", #"{"status":"incomplete"}"#, .subscription(.incomplete, endsAt: nil)),
    ("charge.refunded", "{}", .moneyReturned), ("charge.dispute.created", "{}", .moneyReturned),
    ("customer.created", "{}", .unconcerned("events of this type are of no concern")),
  ]

  @Test(arguments: meanings.indices) func `each type has its meaning`(index: Int) throws {
    let (type, object, meaning) = Self.meanings[index]
    #expect(try Self.read(type, object).meaning == meaning)
  }

  @Test(arguments: [
    ("customer.subscription.updated", "{}", "data/object/status"),
    ("customer.subscription.updated", #"{"status":"frozen"}"#, "data/object/status"),
    ("checkout.session.completed", #"{"subscription":"s"}"#, "data/object/payment_status"),
  ])
  func `what an event lacks is named`(type: String, object: String, field: String) {
    #expect(throws: FieldErrors.self) { try Self.read(type, object) }
    do { _ = try Self.read(type, object) } catch {
      #expect((error as? FieldErrors)?.errors.map(\.field) == [field])
    }
  }

  @Test func `fields of other types than expected make no reader fall`() throws {
    for value in ["null", "7", "true", #""x""#, "[]", "[[]]", "{}", #"{"data":7}"#, #"{"id":7}"#] {
      let object = """
        {"id":\(value),"customer":\(value),"subscription":\(value),"metadata":\(value),"parent":\(value),
         "lines":\(value),"items":\(value),"cancel_at":\(value),"client_reference_id":\(value)}
        """
      let invoice = try Self.read("invoice.paid", object)
      #expect(invoice.references.client == nil && invoice.prices.isEmpty)
      _ = try Self.read("customer.subscription.deleted", object)
    }
  }
}
