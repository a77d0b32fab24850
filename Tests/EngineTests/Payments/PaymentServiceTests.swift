import Domain
import Engine
import JSON
import Postgres
import Runtime
import Store
import TestSupport
import Testing

@Suite(.requiresPostgres, .database(TestDatabase.product))
struct PaymentServiceTests {
  let world = PaymentWorld()
  private static let ignition = PricingTier.defaults[0].resources
  private static let velocity = PricingTier.defaults[1].resources

  /// A client that can buy, with enough for two of the velocity tier.
  private func sale(_ name: String = "Acme", isNamed: Bool = true) async throws -> StripeMessage.Sale {
    try await world.setPrices()
    try await world.base.stock(
      ResourceCounts(emailDomains: 10, mailboxes: 20, phoneNumbers: 4, linkedInSeats: 14))
    return .init(client: try await world.base.client(name), name: "a", isNamed: isNamed)
  }

  private func record(_ message: StripeMessage) async throws -> PaymentEventStore.Record {
    try #require(try await world.payments.find(message.id)?.record)
  }

  @Test func `a client signs up, upgrades, announces its downgrade, fails to pay and leaves`() async throws {
    let sale = try await sale()
    try await world.deliver(sale.checkout(0))
    #expect(try await world.standing(sale.client).owns.isZero, "the invoice says for which tier")
    try await world.deliver(sale.paid(1, "ignition"))
    #expect(try await world.standing(sale.client).owns == Self.ignition)
    try await world.deliver(sale.changed(2, "velocity"))
    #expect(try await world.standing(sale.client).owns == Self.velocity)
    let down = try await world.deliver(sale.changed(3, "ignition"))
    let standing = try await world.standing(sale.client)
    #expect(standing.owns == Self.velocity && standing.next == .ignition)
    #expect(try #require(down.outcome).contains("ignition from \(try #require(standing.nextAt))"))
    let failed = try await world.deliver(sale.paid(4, "ignition", type: "invoice.payment_failed"))
    #expect(failed.state == .processed)
    try await world.deliver(sale.changed(5, "ignition", status: "past_due"))
    #expect(try await world.standing(sale.client) == standing, "nothing is taken away")
    let left = try await world.deliver(sale.deleted(6))
    #expect(left.outcome == "on hold until \(world.base.clock.now + Hold.length)")
    #expect(try await world.standing(sale.client).state == .onHold)
    try await world.base.expectClean()
  }

  @Test("R7: unpaid is a hold, and a payment within it brings the same resources back")
  func unpaid() async throws {
    let sale = try await sale()
    try await world.deliver(sale.paid(0, "velocity"))
    let mine = Set(try await world.base.owned(sale.client).map(\.id))
    world.base.clock.advance(by: .hours(24))
    try await world.deliver(sale.changed(0, "velocity", status: "unpaid"))
    #expect(try await world.base.owned(sale.client).allSatisfy { $0.status == .held })
    world.base.clock.advance(by: .hours(24 * 29))
    let back = try await world.deliver(sale.paid(1, "velocity"))
    #expect(back.outcome == "velocity: 0 resources assigned")
    #expect(Set(try await world.base.owned(sale.client).map(\.id)) == mine)
    try await world.base.expectClean()
  }

  @Test func `a hold that a late event finds goes on from when it began`() async throws {
    let sale = try await sale()
    try await world.deliver(sale.paid(-50, "ignition"))
    try await world.deliver(sale.deleted(-10))
    let before = try await world.standing(sale.client)
    world.base.clock.advance(by: .minutes(1))
    var late = sale.changed(-90, "velocity")  // a minute later: between the two
    late.id = "evt_late"
    let record = try await world.deliver(late)
    let after = try await world.standing(sale.client)
    #expect(after.heldUntil == before.heldUntil && after.owns == Self.velocity)
    let outcome = try #require(record.outcome)
    #expect(outcome.hasPrefix("came late, and was put in its place: ") && outcome.contains("then velocity"))
  }

  @Test func `a late event that newer ones have overtaken changes nothing, and says so`() async throws {
    let sale = try await sale()
    try await world.deliver(sale.paid(0, "ignition"))
    try await world.deliver(sale.changed(5, "velocity"))
    let before = try await world.standing(sale.client)
    let late = try await world.deliver(sale.changed(2, "ignition"))
    #expect(late.state == .processed && late.outcome == "came late: newer events decide, nothing changes")
    #expect(try await world.standing(sale.client) == before)
  }

  @Test func `the same event sixty-four times at once on two servers has its effect once`() async throws {
    let world = PaymentWorld(ResourceWorld(poolSize: 24))
    let other = PaymentWorld(world.base)
    try await world.setPrices()
    try await world.base.stock(
      ResourceCounts(emailDomains: 10, mailboxes: 20, phoneNumbers: 4, linkedInSeats: 14))
    let sale = StripeMessage.Sale(client: try await world.base.client("Acme"), name: "a")
    let receipts = try await withThrowingTaskGroup(of: PaymentService.Receipt.self) { group in
      let body = sale.paid(0, "ignition").bytes(at: world.base.clock.now)
      for index in 0..<64 {
        let server = index.isMultiple(of: 2) ? world : other
        group.addTask { try await server.payments.receive(body) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    var news = 0
    for receipt in receipts {
      guard case .stored(let record, let isNew) = receipt else { throw ResourceWorld.Unexpected(what: "") }
      #expect(record.state == .processed && record.attempts == 1)
      if isNew { news += 1 }
    }
    #expect(news == 1)
    #expect(world.heard.notices.count + other.heard.notices.count == 1)
    #expect(try await world.standing(sale.client).owns == Self.ignition)
    let assigned: Int? = try await world.base.pool.value("SELECT count(*) FROM client_resources")
    #expect(assigned == Self.ignition.total)
    try await world.base.expectClean()
  }

  @Test func `different events of one client at once end where their order ends`() async throws {
    let world = PaymentWorld(ResourceWorld(poolSize: 24))
    try await world.setPrices()
    try await world.base.stock(
      ResourceCounts(emailDomains: 10, mailboxes: 20, phoneNumbers: 4, linkedInSeats: 14))
    for round in 0..<6 {
      let client = try await world.base.client("Company \(round)")
      let sale = StripeMessage.Sale(client: client, name: "\(round)", isNamed: round.isMultiple(of: 2))
      let events = [
        sale.checkout(-20), sale.paid(-19, "ignition"), sale.changed(-10, "velocity"),
        sale.changed(-5, "velocity", status: "unpaid"), sale.deleted(-1),
      ]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for event in events { group.addTask { try await world.deliver(event) } }
        try await group.waitForAll()
      }
      world.base.clock.advance(by: .minutes(1))
      try await world.runJob()
      for event in events { #expect(try await world.state(event.id) == .processed, "\(event.id)") }
      let standing = try await world.standing(client)
      #expect(standing.state == .onHold && standing.tier == .velocity && standing.owns == Self.velocity)
      world.base.clock.advance(by: Hold.length)
      try await world.base.runJobs()
    }
    try await world.base.expectClean()
  }

  @Test func `an event that was stored when the server died is processed by the next one's job`() async throws
  {
    let sale = try await sale()
    let message = sale.paid(0, "ignition")
    let now = world.base.clock.now
    let isNew = try await world.base.pool.database.transaction { transaction in
      try PaymentEventStore.insert(
        .init(
          id: message.id, type: message.type, references: .init(), at: now, isLive: true,
          payload: message.bytes(at: now)), now: now, retryAt: now + PaymentRetry.first, in: &transaction)
    }
    #expect(isNew)
    try await world.runJob()
    #expect(try await record(message).state == .received, "who has just stored it is still at it")
    world.base.clock.advance(by: PaymentRetry.first)
    try await world.runJob()
    #expect(try await record(message).state == .processed)
    #expect(try await world.standing(sale.client).owns == Self.ignition)
  }

  @Test func `a fault within the transaction leaves nothing behind, and is tried again`() async throws {
    let sale = try await sale()
    try await world.base.pool.execute(
      "ALTER TABLE client_resources ADD CONSTRAINT nobody_gets_anything CHECK (false) NOT VALID")
    let message = sale.paid(0, "ignition")
    try await world.deliver(message)
    let failed = try await record(message)
    #expect(failed.state == .failed && failed.failure == "fault" && failed.nextAttemptAt != nil)
    #expect(try await world.base.subscriptions.standing(of: sale.client) == nil)
    try await world.base.pool.execute("ALTER TABLE client_resources DROP CONSTRAINT nobody_gets_anything")
    world.base.clock.advance(by: .minutes(1))
    try await world.runJob()
    #expect(try await record(message).state == .processed)
    #expect(try await world.standing(sale.client).owns == Self.ignition)
    try await world.base.expectClean()
  }

  @Test func `an event of nobody waits for its checkout, for a link by hand, or in vain`() async throws {
    let sale = try await sale(isNamed: false)
    let message = sale.paid(1, "ignition")
    let waiting = try await world.deliver(message)
    #expect(waiting.state == .failed && waiting.failure == "unknown_client")
    #expect(waiting.nextAttemptAt == world.base.clock.now + .seconds(30))
    guard case .failed(let told)? = world.heard.notices.last else { throw ResourceWorld.Unexpected(what: "") }
    #expect(told.id == message.id && told.error?.contains("sub_a") == true)
    for _ in 1..<PaymentRetry.most {
      world.base.clock.advance(by: .hours(6))
      try await world.runJob()
    }
    #expect(try await record(message).attempts == PaymentRetry.most)
    #expect(try await record(message).nextAttemptAt == nil, "given up")
    let linked = try await world.payments.link(
      sale.client, payer: "cus_a", subscription: nil, actor: .commandLine)
    guard case .linked(let links) = linked else { throw ResourceWorld.Unexpected(what: "\(linked)") }
    #expect(links.map(\.reference) == ["cus_a", "sub_a"] && links.map(\.isByHand) == [true, false])
    #expect(try await record(message).state == .processed)
    #expect(try await world.standing(sale.client).owns == Self.ignition)
  }

  @Test func `an event without a known price waits until a tier has it`() async throws {
    let sale = try await sale()
    let message = sale.paid(0, "gold")
    #expect(try await world.deliver(message).failure == "unknown_price")
    _ = try await world.payments.setPrice("price_gold", to: .velocity)
    #expect(try await record(message).state == .processed)
    #expect(try await world.standing(sale.client).tier == .velocity)
  }

  @Test func `one who pays for two clients tells neither; their subscriptions do`() async throws {
    let first = try await sale("First", isNamed: false)
    let second = StripeMessage.Sale(
      client: try await world.base.client("Second"), name: "b", isNamed: false)
    try await world.deliver(first.checkout(0))
    var checkout = second.checkout(1)
    checkout.object["customer"] = "cus_a"
    try await world.deliver(checkout)
    var paid = second.paid(2, "ignition")
    paid.object["customer"] = "cus_a"
    try await world.deliver(paid)
    #expect(try await world.standing(first.client).owns.isZero)
    #expect(try await world.standing(second.client).owns == Self.ignition)
    let links = try #require(try await world.payments.links(of: first.client))
    #expect(links.filter(\.isShared).map(\.reference) == ["cus_a"])
    // A third subscription of that payer is nobody's until its checkout.
    let third = StripeMessage.Sale(client: second.client, name: "c", isNamed: false)
    var unknown = third.paid(3, "velocity")
    unknown.object["customer"] = "cus_a"
    #expect(try await world.deliver(unknown).failure == "unknown_client")
  }

  @Test func `a replay has no second effect, and brings back what was lost by hand`() async throws {
    let sale = try await sale()
    let message = sale.paid(0, "ignition")
    try await world.deliver(message)
    let before = try await world.standing(sale.client)
    guard case .fresh(.done(let again)) = try await world.payments.replay(message.id)
    else { throw ResourceWorld.Unexpected(what: "no replay") }
    #expect(again.attempts == 2 && again.outcome == "ignition: 0 resources assigned")
    #expect(try await world.standing(sale.client) == before)
    try await world.base.end(sale.client)
    _ = try await world.payments.replay(message.id)
    #expect(try await world.standing(sale.client) == before)
    guard case .fresh(.unknown) = try await world.payments.replay("evt_nobody")
    else { throw ResourceWorld.Unexpected(what: "a replay of nothing") }
  }

  @Test func `events of the other mode are ignored until the setting says otherwise`() async throws {
    let sale = try await sale()
    var message = sale.paid(0, "ignition")
    message.isLive = false
    #expect(try await world.deliver(message).state == .ignored)
    #expect(try await world.standing(sale.client).owns.isZero)
    let testing = PaymentWorld(world.base, expectsLive: false)
    _ = try await testing.payments.replay(message.id)
    #expect(try await world.standing(sale.client).owns == Self.ignition)
  }

  @Test func `a refund is told, and takes nothing away`() async throws {
    let sale = try await sale()
    try await world.deliver(sale.paid(0, "ignition"))
    let refund = StripeMessage(
      id: "evt_refund", type: "charge.refunded", age: 1,
      object: ["id": "ch_1", "object": "charge", "customer": "cus_a"])
    let record = try await world.deliver(refund)
    #expect(record.state == .processed && record.clientID == sale.client)
    #expect(world.heard.notices.last == .alert(record))
    #expect(try await world.standing(sale.client).owns == Self.ignition)
  }

  @Test func `what can never be read fails at once, and is kept`() async throws {
    let sale = try await sale()
    var message = sale.changed(0, "ignition")
    message.object["status"] = "frozen"
    let record = try await world.deliver(message)
    #expect(record.failure == "unreadable" && record.nextAttemptAt == nil)
    #expect(record.error?.contains("data/object/status") == true)
    #expect(record.subscription == "sub_a", "but what it is about is known")
  }

  @Test func `a malformed envelope is not stored`() async throws {
    for body in [
      "", "{", "[]", "7", "{}", #"{"object":"v2.core.event","id":"evt_1"}"#,
      #"{"id":"evt_1","object":"event","type":"a","created":-1,"livemode":true,"data":{"object":{}}}"#,
      #"{"id":"evt 1","object":"event","type":"a","created":1,"livemode":true,"data":{"object":{}}}"#,
      #"{"id":"evt_1","object":"event","type":"a","created":1,"livemode":"no","data":{"object":{}}}"#,
      #"{"id":"evt_1","object":"event","type":"a","created":1,"livemode":true,"data":{"object":[]}}"#,
      String(repeating: "[", count: 2_000),
    ] {
      guard case .malformed = try await world.payments.receive(Array(body.utf8))
      else { throw ResourceWorld.Unexpected(what: body) }
    }
    #expect(try await world.payments.list(limit: 10).isEmpty)
  }

  @Test func `the ledger of a resource names the event that gave it away`() async throws {
    let sale = try await sale()
    let message = sale.paid(0, "ignition")
    try await world.deliver(message)
    let actors: [String] = try await world.base.pool.column(
      "SELECT DISTINCT actor || ' ' || reason FROM resource_ledger WHERE kind = 'assigned'")
    #expect(actors == ["payment:\(message.id) invoice.paid"])
  }

  @Test func `lists are by state and client, newest first, page by page`() async throws {
    let sale = try await sale()
    for second in 0..<3 {
      try await world.deliver(sale.paid(second, "ignition"))
      world.base.clock.advance(by: .seconds(1))
    }
    var foreign = StripeMessage.Sale(client: sale.client, name: "x", isNamed: false).paid(0, "ignition")
    foreign.id = "evt_foreign"
    try await world.deliver(foreign)
    let all = try await world.payments.list(limit: 2)
    #expect(all.first?.id == "evt_foreign")
    let rest = try await world.payments.list(after: all.last?.place, limit: 10)
    #expect((all + rest).count == 4 && Set((all + rest).map(\.id)).count == 4)
    #expect(try await world.payments.list(state: .failed, limit: 10).map(\.id) == ["evt_foreign"])
    #expect(try await world.payments.list(client: sale.client, limit: 10).count == 3)
  }
}
