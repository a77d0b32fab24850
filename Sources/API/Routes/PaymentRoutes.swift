import Domain
import Engine
import HTTP
import JSON
import Store

/// `/v1/payments/events`, `/v1/clients/{client_id}/payment-link` and the prices of tiers.
struct PaymentRoutes: Sendable {
  let payments: PaymentService

  func add(to operations: inout Operations) {
    let event = "/v1/payments/events/{event_id}"
    operations.add(
      .get, "/v1/payments/events", .readPayments, query: ["state", "client_id"] + PageRequest.parameters, list
    )
    operations.add(.get, event, .readPayments, find)
    operations.add(.post, event + "/replay", .managePayments, body: BodyRule.none, replay)
    operations.add(.get, "/v1/clients/{client_id}/payment-link", .readPayments, links)
    operations.add(.put, "/v1/clients/{client_id}/payment-link", .managePayments, link)
    let prices = "/v1/tiers/{tier_name}/prices"
    operations.add(.get, prices, .readPayments, listPrices)
    operations.add(.put, prices + "/{price}", .managePayments, body: BodyRule.none, setPrice)
    operations.add(.delete, prices + "/{price}", .managePayments, removePrice)
  }

  // MARK: Events

  @Sendable private func list(_ call: Call) async throws -> Response {
    let (state, client, page) = try call.request.query { query in
      let state = query.optional("state", .oneOf as TextShape<PaymentEventStore.State>)
      let client = query.optional("client_id", .id() as TextShape<ID<Client>>)
      let page = query.page(of: "payment-events", keys: 2)
      return (try state(), try client(), try page())
    }
    let found = try await payments.list(
      state: state, client: client, after: try page.paymentPlace(), limit: page.fetch)
    return page.page(found) { [String($0.receivedAt.microseconds), $0.id] }.response { $0.value($1) }
  }

  @Sendable private func find(_ call: Call) async throws -> Response {
    let id = try call.request.parameters.value("event_id", .providerID)
    guard let detail = try await payments.find(id) else { throw Problem.notFound }
    return .json {
      $0.object { object in
        detail.record.writeFields(to: &object)
        object.name("payload")
        object.raw(detail.payload)
      }
    }
  }

  @Sendable private func replay(_ call: Call) async throws -> Response {
    let id = try call.request.parameters.value("event_id", .providerID)
    let idempotency = try IdempotencyHeader.idempotency(of: call, Self.replayed)
    return try IdempotencyHeader.response(
      try await payments.replay(id, idempotency: idempotency), Self.replayed)
  }

  @Sendable private static func replayed(
    _ outcome: PaymentService.ReplayOutcome
  ) throws(Problem) -> Response {
    switch outcome {
    case .done(let record): return .json(record)
    case .unknown: throw .notFound
    }
  }

  // MARK: Links

  @Sendable private func links(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    guard let links = try await payments.links(of: id) else { throw Problem.notFound }
    return .json(PaymentLinksAnswer(clientID: id, links: links))
  }

  @Sendable private func link(_ call: Call) async throws -> Response {
    let id = try call.id("client_id", of: Client.self)
    let (payer, subscription) = try call.request.json { object in
      let payer = object.optional("stripe_customer_id", .text(.providerID))
      let subscription = object.optional("stripe_subscription_id", .text(.providerID))
      let both = (try payer(), try subscription())
      if both == (nil, nil) { object.refuse("expected at least one field") }
      return both
    }
    switch try await payments.link(
      id, payer: payer, subscription: subscription, actor: call.principal.actor)
    {
    case .linked(let links): return .json(PaymentLinksAnswer(clientID: id, links: links))
    case .unknownClient: throw Problem.notFound
    }
  }

  // MARK: Prices

  @Sendable private func listPrices(_ call: Call) async throws -> Response {
    let tier = try call.request.parameters.value("tier_name", .tierName)
    guard let prices = try await payments.prices(of: tier) else { throw Problem.notFound }
    return .json { writer in
      writer.object { object in
        object.field("data", prices.map { TierPriceAnswer(price: $0, tier: tier) })
        object.field("next_cursor", nil as String?)
      }
    }
  }

  @Sendable private func setPrice(_ call: Call) async throws -> Response {
    let tier = try call.request.parameters.value("tier_name", .tierName)
    let price = try call.request.parameters.value("price", .providerID)
    switch try await payments.setPrice(price, to: tier) {
    case .set(let isNew): return .json(TierPriceAnswer(price: price, tier: tier), isNew ? .created : .ok)
    case .unknownTier: throw Problem.notFound
    }
  }

  @Sendable private func removePrice(_ call: Call) async throws -> Response {
    let tier = try call.request.parameters.value("tier_name", .tierName)
    let price = try call.request.parameters.value("price", .providerID)
    guard try await payments.removePrice(price, from: tier) else { throw Problem.notFound }
    return .noContent
  }
}

extension PageRequest {
  /// The place in the list of payment events; errors as for `id`.
  fileprivate func paymentPlace() throws(Problem) -> PaymentEventStore.Place? {
    guard let after else { return nil }
    guard after.count == 2, let microseconds = Int64(after[0]) else { throw Self.badCursor }
    return PaymentEventStore.Place(receivedAt: Timestamp(microseconds: microseconds), id: after[1])
  }
}
