import Domain
import JSON
import Store

extension TextShape where Value == String {
  /// The payment provider's id of something of its own.
  static var providerID: TextShape {
    TextShape("1 to 255 visible ASCII characters") { text in
      (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
    }
  }
}

extension PaymentEventStore.Record: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.object { writeFields(to: &$0) } }

  func writeFields(to object: inout JSONWriter) {
    object.field("id", id)
    object.field("type", type)
    object.field("occurred_at", at)
    object.field("is_live", isLive)
    object.field("stripe_object_id", self.object)
    object.field("stripe_customer_id", payer)
    object.field("stripe_subscription_id", subscription)
    object.field("received_at", receivedAt)
    object.field("state", state.rawValue)
    object.field("attempts", attempts)
    object.field("next_attempt_at", nextAttemptAt)
    object.field("processed_at", processedAt)
    object.field("client_id", clientID)
    object.field("outcome", outcome)
    object.field("failure", failure)
    object.field("error", error)
  }
}

/// Whom the payment provider knows a client as.
public struct PaymentLinksAnswer: JSONWritable {
  let clientID: ID<Client>
  let links: [PaymentLinkStore.Link]

  public init(clientID: ID<Client>, links: [PaymentLinkStore.Link]) {
    self.clientID = clientID
    self.links = links
  }

  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("client_id", clientID)
      object.field("stripe_customers", links.filter { $0.kind == .payer })
      object.field("stripe_subscriptions", links.filter { $0.kind == .subscription })
    }
  }
}

extension PaymentLinkStore.Link: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", reference)
      object.field("is_by_hand", isByHand)
      object.field("is_shared", isShared)
      object.field("linked_at", createdAt)
    }
  }
}

/// A price at the payment provider, and the tier that it is for.
public struct TierPriceAnswer: JSONWritable {
  public let price: String
  let tier: PricingTierName

  public init(price: String, tier: PricingTierName) {
    self.price = price
    self.tier = tier
  }

  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("price", price)
      object.field("tier", tier.text)
    }
  }
}
