import API
import Domain
import Engine
import JSON
import Store
import Terminal

extension ReservoirProgram {
  var orders: Command {
    Command(
      "orders", "Orders of resources, from the wish to the pool.",
      subcommands: [
        listOrders, showOrder, requestOrder, approveOrder, rejectOrder, placeOrder, deliverOrder, failOrder,
      ])
  }

  private var listOrders: Command {
    command(
      "list", "Lists orders, the newest first.",
      options: [
        .limit, .value("type", "TYPE", "Only email_domain, mailbox, phone_number or linkedin_seat."),
        .value("status", "STATUS", "Only those that are so, such as requested or failed."),
      ],
      examples: [Example("reservoir orders list --status requested", "What waits for an approval.")]
    ) { context in
      let words = context.invocation
      let kinds = ResourceKind.allCases.map(\.rawValue).joined(separator: ", ")
      let states = OrderStatus.allCases.map(\.rawValue).joined(separator: ", ")
      let filter = OrderStore.Filter(
        kind: try words.optional("type", expected: kinds) { ResourceKind(rawValue: $0) },
        status: try words.optional("status", expected: states) { OrderStatus(rawValue: $0) })
      return try await context.withServices { services in
        let found: [OrderRecord] = try await context.gather { last, limit in
          try await services.supply.orders(filter, after: last?.id, limit: limit)
        }
        context.print(
          found,
          [
            .whole("ID"), .text("TYPE"), .number("ORDERED"), .number("DELIVERED"), .number("CENTS"),
            .text("STATUS"), .text("SINCE"), .text("PROVIDER"), .text("PROBLEM"),
          ],
          empty: "no such orders; 'reservoir orders request' makes one"
        ) {
          [
            "\($0.id)", $0.kind.rawValue, "\($0.order.quantity)", "\($0.order.delivered)",
            "\($0.order.costInCents)", $0.order.status.rawValue, "\($0.order.since)", "\($0.provider)",
            $0.lastError ?? "",
          ]
        }
        return .success
      }
    }
  }

  private var showOrder: Command {
    command(
      "show", "Shows an order, what it buys, and what became of it.",
      options: [.limit], positionals: [.orderID],
      examples: [Example("reservoir orders show \(Self.exampleID)", "With its history, newest first.")]
    ) { context in
      let id = try context.orderID()
      return try await context.withServices { services in
        guard let detail = try await services.supply.find(id) else {
          throw CommandFailure("there is no such order")
        }
        let history: [OrderLedgerStore.Entry] = try await context.gather { last, limit in
          try await services.supply.history(of: id, after: last?.change, limit: limit) ?? []
        }
        if context.isJSON {
          context.print { writer in
            writer.object { object in
              object.field("order", detail)
              object.field("history", history)
            }
          }
          return .success
        }
        context.console.print(Self.text(detail))
        var table = Table([.text("WHEN"), .text("WHAT"), .text("VALUE"), .text("WHO"), .text("WHY")])
        for entry in history {
          table.add(["\(entry.at)", entry.status, entry.value ?? "", entry.actor, entry.reason ?? ""])
        }
        context.console.out.write(table.text(for: context.console.out, empty: ""))
        return .success
      }
    }
  }

  private var requestOrder: Command {
    command(
      "request", "Orders resources, all of them or none.",
      discussion: "It waits for an approval when it costs more than the limit of the budget.",
      options: [
        .value("provider", "NAME", "Who sells; without it as 'reservoir supply buy' said."),
        .value("unit-price", "CENTS", "What one costs at most; without it as 'reservoir supply buy' said."),
        .value("reason", "TEXT", "Why.", default: "by hand"),
      ],
      positionals: [
        .required("type", "email_domain, mailbox, phone_number or linkedin_seat."),
        .required("quantity", "How many, from 1 to 10000."),
      ],
      examples: [Example("reservoir orders request email_domain 10", "Ten domains more.")]
    ) { context in
      let words = context.invocation
      let reason = words.text("reason")
      guard reason.isPlainLine(1...500) else { throw context.usage("--reason: expected one line") }
      let new = NewOrder(
        kind: try words.choice("type", of: ResourceKind.self),
        quantity: try words.integer("quantity", in: NewOrder.quantities),
        provider: try words.optional("provider", expected: "a provider's name") { ProviderName($0) },
        unitPriceInCents: try words.optionalInteger("unit-price", in: NewOrder.prices), reason: reason)
      return try await context.withServices { services in
        try context.tell(try await services.supply.request(new, actor: .commandLine), services)
      }
    }
  }

  private var approveOrder: Command {
    action("approve", "Lets a request through.", "The order is placed next.") { _ in .approve }
  }

  private var rejectOrder: Command {
    action("reject", "Turns a request down.", "It has failed.", options: [.reason]) { context in
      .reject(reason: try context.reason())
    }
  }

  private var placeOrder: Command {
    action(
      "place", "Says that an order was bought by hand.", "Its arrival is awaited.",
      options: [.value("reference", "TEXT", "The provider's own name of it.")]
    ) { context in
      let reference = context.invocation.optional("reference")
      guard reference?.isPlainLine(1...200) ?? true else {
        throw context.usage("--reference: expected one line")
      }
      return .place(reference: reference)
    }
  }

  private var failOrder: Command {
    action(
      "fail", "Says that what is outstanding of an order will not come.",
      "What had arrived stays in the pool.", options: [.reason]
    ) { context in .fail(reason: try context.reason()) }
  }

  private var deliverOrder: Command {
    command(
      "deliver", "Brings what has arrived of an order into the pool, from a CSV file.",
      discussion: """
        The file is as for 'reservoir resources import', with rows of the order's type only. The
        same file may come again. Ends with 1 when a row was not taken.
        """,
      positionals: [.orderID, .required("file", "What to read; - is standard input.")],
      examples: [
        Example("reservoir orders deliver \(Self.exampleID) arrived.csv", "Domains begin to warm up.")
      ]
    ) { context in
      let id = try context.orderID()
      let path = context.invocation.text("file")
      guard let bytes = try TextFile.bytes(path) else {
        throw CommandFailure("there is no file \(visible(path))")
      }
      let rows = try ResourceFile.rows(bytes)
      guard !rows.isEmpty else { throw CommandFailure("the file has no resources") }
      guard rows.count <= 10_000 else { throw CommandFailure("the file has more than 10,000 rows") }
      return try await context.withServices { try await context.deliver(rows, to: id, $0) }
    }
  }

  private func action(
    _ name: String, _ summary: String, _ meaning: String, options: [Option] = [],
    _ make: @escaping @Sendable (CommandContext) throws -> OrderAction
  ) -> Command {
    let reason = options.contains { $0.name == "reason" } ? " --reason 'too dear'" : ""
    return command(
      name, summary, options: options, positionals: [.orderID],
      examples: [Example("reservoir orders \(name) \(Self.exampleID)\(reason)", meaning)]
    ) { context in
      let id = try context.orderID()
      let action = try make(context)
      return try await context.withServices { services in
        try context.tell(try await services.supply.perform(action, on: id, actor: .commandLine), services)
      }
    }
  }

  private static let exampleID = "019aa07d-f280-7c3e-9f21-6b0d4e8a1c52"

  fileprivate static func text(_ detail: SupplyService.Detail) -> String {
    let (record, order) = (detail.record, detail.record.order)
    var lines = [
      "\(record.id)",
      "\(order.kind.words(order.quantity)) for \(order.costInCents) cents from \(record.provider): "
        + "\(order.status.rawValue) since \(order.since), \(order.delivered) delivered",
      "requested by \(record.requestedBy): \(record.reason)",
    ]
    if let error = record.lastError { lines.append("problem: \(error)") }
    if let next = record.nextAttemptAt { lines.append("looked at again at \(next)") }
    for value in detail.values { lines.append("  \(value.value)  \(value.state.rawValue)") }
    return lines.joined(separator: "\n")
  }
}

extension Positional {
  fileprivate static let orderID = Positional.required("id", "The order's id.")
}

extension Option {
  fileprivate static let reason = Option.value("reason", "TEXT", "Why.", required: true)
}

extension CommandContext {
  fileprivate func orderID() throws -> ID<ResourceOrder> {
    guard let id = ID<ResourceOrder>(invocation.text("id")) else { throw usage("<id>: expected a UUID") }
    return id
  }

  fileprivate func reason() throws -> String {
    let reason = invocation.text("reason")
    guard reason.isPlainLine(1...500) else { throw usage("--reason: expected one line") }
    return reason
  }

  fileprivate func tell(_ answer: Answered<SupplyService.Outcome>, _ services: Services) throws -> ExitCode {
    guard case .fresh(let outcome) = answer else {
      preconditionFailure("a command without an idempotency key was answered from memory")
    }
    switch outcome {
    case .done(let detail):
      print(ReservoirProgram.text(detail)) { $0.value(detail) }
      return .success
    case .unknown: throw CommandFailure("there is no such order")
    case .refused(let obstacle): throw CommandFailure(obstacle.detail)
    case .overBudget(let left):
      throw CommandFailure("\(left) cents are left of this month's budget; 'reservoir supply budget' sets it")
    case .unknownProvider: throw CommandFailure("no such provider sells that; see 'reservoir supply show'")
    }
  }

  fileprivate func deliver(
    _ rows: [ResourceFile.Row], to id: ID<ResourceOrder>, _ services: Services
  ) async throws -> ExitCode {
    var right: [(line: Int, new: ResourceService.NewResource)] = []
    var refused: [(line: Int, detail: String)] = []
    for row in rows {
      switch row.content {
      case .success(let new): right.append((row.line, new))
      case .failure(let fault): refused.append((row.line, "\(fault.field): \(fault.detail)"))
      }
    }
    guard
      case .fresh(let outcome) = try await services.supply.deliver(
        right.map(\.new), to: id, actor: .commandLine)
    else { preconditionFailure("a command without an idempotency key was answered from memory") }
    let delivery: OrderDelivery
    switch outcome {
    case .done(let done): delivery = done
    case .unknown: throw CommandFailure("there is no such order")
    case .refused(let obstacle): throw CommandFailure(obstacle.detail)
    }
    var taken = 0
    for (row, verdict) in zip(right, delivery.verdicts) {
      switch verdict {
      case .added, .linked: taken += 1
      case .known, .duplicate: break
      case .otherOrder: refused.append((row.line, "another order brings it"))
      case .otherKind(let kind):
        refused.append((row.line, "it is a \(kind.rawValue), or the order is for others"))
      case .domainMissing: refused.append((row.line, "its domain is not in the pool"))
      case .surplus: refused.append((row.line, "more than was ordered"))
      }
    }
    for one in refused.prefix(50) { console.note("row \(one.line): \(visible(one.detail))") }
    let (count, order) = (taken, delivery.detail)
    print("\(HumanText.count(count)) taken, \(refused.count) refused\n\(ReservoirProgram.text(order))") {
      writer in
      writer.object { writer in
        writer.field("taken", count)
        writer.field("order", order)
        writer.array("refused") { writer in
          for one in refused {
            writer.object {
              $0.field("row", one.line)
              $0.field("detail", one.detail)
            }
          }
        }
      }
    }
    return refused.isEmpty ? .success : .failure
  }
}
