import Domain
import JSON

/// Stripe's JSON of events, as the domain understands it.
///
/// The shape of what an event is about follows the API version of the webhook's endpoint. Fields that have
/// moved are read at their new place first, then at the old one; ids may come as texts or as whole objects.
struct StripeEvent {
  let id: String
  let type: String
  let createdAt: Timestamp
  let isLive: Bool
  /// `data.object`
  let object: JSONValue

  /// The envelope.
  ///
  /// - Throws: `FieldErrors`; a field is a path from the top, such as `data/object`.
  init(_ value: JSONValue) throws(FieldErrors) {
    var errors: [FieldError] = []
    func check<Value>(_ field: String, _ value: Value?, _ expected: String) -> Value? {
      if value == nil { errors.append(FieldError(field: field, detail: "expected \(expected)")) }
      return value
    }
    let kind = value["object"]?.string
    if kind == "v2.core.event" {
      errors.append(
        FieldError(
          field: "object", detail: "thin events hold no data: have the endpoint send snapshots instead"))
    } else {
      _ = check("object", kind == "event" ? kind : nil, "event")
    }
    let name = "1 to 255 visible ASCII characters"
    let id = check("id", value["id"].flatMap(Self.reference), name)
    let type = check("type", value["type"]?.string.flatMap(Self.word), name)
    let created = check("created", value["created"].flatMap(Self.instant), "a time in seconds since 1970")
    let isLive = check("livemode", value["livemode"]?.bool, "true or false")
    let content = value["data"]?["object"]
    let object = check("data/object", content?.object == nil ? nil : content, "an object")
    guard errors.isEmpty, let id, let type, let created, let isLive, let object else {
      throw FieldErrors(errors)
    }
    self.id = id
    self.type = type
    createdAt = created
    self.isLive = isLive
    self.object = object
  }

  /// A stored event.
  ///
  /// - Throws: `FieldErrors` when it lacks what events of its type have.
  static func read(_ payload: [UInt8]) throws(FieldErrors) -> PaymentEvent {
    let value: JSONValue
    do { value = try JSONValue(parsing: payload) } catch {
      throw FieldErrors([FieldError(field: "", detail: "not JSON: \(error.reason.rawValue)")])
    }
    return try StripeEvent(value).event()
  }

  /// What it means.
  func event() throws(FieldErrors) -> PaymentEvent {
    var event = PaymentEvent(
      id: id, type: type, at: createdAt, isLive: isLive, references: references,
      meaning: .unconcerned("events of this type are of no concern"))
    switch type {
    case "checkout.session.completed", "checkout.session.async_payment_succeeded":
      event.prices = [hint(noted: object)].compactMap { $0 }
      event.meaning = try checkout()
    case "checkout.session.expired": event.meaning = .unconcerned("the checkout was abandoned")
    case "checkout.session.async_payment_failed", "invoice.payment_failed",
      "invoice.payment_action_required":
      event.meaning = .paymentFailed
    case "invoice.paid", "invoice.payment_succeeded":
      event.prices = invoicePrices
      event.meaning = .paid(from: newestPeriod ?? createdAt)
    case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.paused",
      "customer.subscription.resumed", "customer.subscription.pending_update_applied",
      "customer.subscription.pending_update_expired":
      event.prices = subscriptionPrices
      event.meaning = .subscription(try status(), endsAt: cancelsAt)
    case "customer.subscription.deleted": event.meaning = .ended
    case "customer.subscription.trial_will_end":
      event.meaning = .unconcerned("a trial will end; nothing changes before it does")
    case "charge.refunded", "charge.dispute.created", "charge.dispute.funds_withdrawn":
      event.meaning = .moneyReturned
    default: break
    }
    return event
  }

  // MARK: What all have

  /// Who it is about, whatever it is about: stored before anything else is understood.
  var references: PaymentEvent.References {
    let kind = object["object"]?.string
    let details = object["parent"]?["subscription_details"] ?? object["subscription_details"]
    let subscription =
      kind == "subscription"
      ? object["id"] : object["parent"]?["subscription_details"]?["subscription"] ?? object["subscription"]
    let named = [
      object["metadata"]?["client_id"], details?["metadata"]?["client_id"], object["client_reference_id"],
    ]
    return PaymentEvent.References(
      object: object["id"].flatMap(Self.reference), payer: object["customer"].flatMap(Self.reference),
      subscription: subscription.flatMap(Self.reference),
      client: named.compactMap { $0?.string }.compactMap { ID<Client>($0) }.first)
  }

  /// An id, which may have been expanded to the object that it names.
  static func reference(_ value: JSONValue) -> String? { (value.string ?? value["id"]?.string).flatMap(word) }

  static func word(_ text: String) -> String? {
    (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
  }

  /// Seconds since 1970, until the year 9999.
  static func instant(_ value: JSONValue) -> Timestamp? {
    guard let seconds = value.int, (0...253_402_300_799).contains(seconds) else { return nil }
    return Timestamp(microseconds: Int64(seconds) * 1_000_000)
  }

  // MARK: Of each type

  private func checkout() throws(FieldErrors) -> PaymentEvent.Meaning {
    if object["mode"]?.string == "setup" { return .unconcerned("a checkout that sells nothing") }
    let isOurs = references.subscription != nil || references.client != nil
    guard isOurs else { return .unconcerned("a checkout of no subscription and no client") }
    switch object["payment_status"]?.string {
    case "paid", "no_payment_required": return .checkout(isPaid: true)
    case "unpaid": return .checkout(isPaid: false)
    default: throw fault("payment_status", "expected paid, unpaid or no_payment_required")
    }
  }

  private func status() throws(FieldErrors) -> PaymentEvent.Status {
    if let status = object["status"]?.string.flatMap(PaymentEvent.Status.init(rawValue:)) { return status }
    let known = PaymentEvent.Status.allCases.map(\.rawValue).joined(separator: ", ")
    throw fault("status", "expected one of \(known)")
  }

  private func fault(_ field: String, _ detail: String) -> FieldErrors {
    FieldErrors([FieldError(field: "data/object/\(field)", detail: detail)])
  }

  /// When a subscription that was cancelled runs out.
  private var cancelsAt: Timestamp? {
    if let at = object["cancel_at"].flatMap(Self.instant) { return at }
    guard object["cancel_at_period_end"]?.bool == true else { return nil }
    let end = subscriptionLines.first?["current_period_end"] ?? object["current_period_end"]
    return end.flatMap(Self.instant)
  }

  // MARK: Prices

  private var subscriptionLines: [JSONValue] { object["items"]?["data"]?.array ?? [] }

  /// Credits are what is no longer paid for.
  private var invoiceLines: [JSONValue] {
    (object["lines"]?["data"]?.array ?? []).filter { ($0["amount"]?.int ?? 0) >= 0 }
  }

  private var subscriptionPrices: [PriceHint] {
    subscriptionLines.compactMap { Self.hint(price: $0["price"] ?? $0["plan"]) }
      + [hint(noted: object)].compactMap { $0 }
  }

  private var invoicePrices: [PriceHint] {
    let lines = invoiceLines.compactMap { line -> PriceHint? in
      let parent = line["parent"]
      let details = parent?["subscription_item_details"] ?? parent?["invoice_item_details"]
      let isProration = details?["proration"]?.bool ?? line["proration"]?.bool ?? false
      let price = line["pricing"]?["price_details"]?["price"] ?? line["price"] ?? line["plan"]
      return Self.hint(price: price, place: isProration ? .proration : .line)
    }
    let notes = [object, object["parent"]?["subscription_details"], object["subscription_details"]]
    return lines + notes.compactMap { $0.flatMap { hint(noted: $0) } }
  }

  private var newestPeriod: Timestamp? {
    invoiceLines.compactMap { $0["period"]?["start"].flatMap(Self.instant) }.max()
  }

  private static func hint(price: JSONValue?, place: PriceHint.Place = .line) -> PriceHint? {
    guard let price, let id = reference(price) else { return nil }
    return PriceHint(
      id: id, lookupKey: price["lookup_key"]?.string.flatMap(word), tier: price["metadata"]?["tier"]?.string,
      place: place)
  }

  private func hint(noted object: JSONValue) -> PriceHint? {
    object["metadata"]?["tier"]?.string.map { PriceHint(tier: $0, place: .whole) }
  }
}
