import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  var supply: Command {
    Command(
      "supply", "What lies ready for new clients, and what may be spent on more.",
      subcommands: [showSupply, listSupplyAlerts, setBudget, setPurchase])
  }

  private var showSupply: Command {
    command(
      "show", "Shows the buffer of each type, and this month's budget.",
      examples: [Example("reservoir supply show", "What is assigned, ready, on its way and missing.")]
    ) { context in
      try await context.withServices { services in
        let (buffers, purchasing) = (
          try await services.supply.buffers(), try await services.supply.purchasing()
        )
        if context.isJSON {
          context.print { writer in
            writer.object { object in
              object.field("buffer", buffers)
              object.field("purchasing", purchasing)
            }
          }
          return .success
        }
        var table = Table([
          .text("TYPE"), .number("ASSIGNED"), .number("READY"), .number("REQUIRED"), .number("ARRIVING"),
          .number("BACKORDERED"), .number("TO ORDER"), .text("LEVEL"), .text("BOUGHT"),
        ])
        for buffer in buffers {
          let settings = purchasing.plan[buffer.kind]
          table.add([
            buffer.kind.rawValue, "\(buffer.assigned)", "\(buffer.available)", "\(buffer.required)",
            "\(buffer.arriving)", "\(buffer.backordered)", "\(buffer.toOrder)", buffer.level.rawValue,
            "\(settings.provider)\(settings.ordersAutomatically ? ", automatically" : "")",
          ])
        }
        context.console.out.write(table.text(for: context.console.out, empty: ""))
        context.console.print("\n\(Self.text(purchasing))")
        return .success
      }
    }
  }

  private var listSupplyAlerts: Command {
    command(
      "alerts", "Lists warnings about the buffer, the newest first.",
      options: [.limit, .value("state", "STATE", "open, cleared or all.", default: "open")],
      examples: [Example("reservoir supply alerts --state all", "Also those that are over.")]
    ) { context in
      let state = try context.invocation.choice("state", of: BufferAlert.State.self)
      return try await context.withServices { services in
        let found: [BufferAlert] = try await context.gather { last, limit in
          try await services.supply.alerts(state, after: last?.id, limit: limit)
        }
        context.print(
          found,
          [
            .text("TYPE"), .text("LEVEL"), .number("READY"), .number("REQUIRED"), .text("RAISED"),
            .text("CLEARED"),
          ],
          empty: "no such alerts"
        ) {
          [
            $0.kind.rawValue, $0.level.rawValue, "\($0.available)", "\($0.required)", "\($0.raisedAt)",
            $0.clearedAt.map { "\($0)" } ?? "",
          ]
        }
        return .success
      }
    }
  }

  private var setBudget: Command {
    command(
      "budget", "Sets what may be spent in a calendar month.",
      options: [
        .value("monthly", "CENTS", "The most of a month; 'none' for no limit."),
        .value("approval-above", "CENTS", "Dearer orders wait for an approval; 'none': no order does."),
        .value("time-zone", "ZONE", "Whose calendar months count, such as Europe/Berlin."),
      ],
      examples: [
        Example(
          "reservoir supply budget --monthly 200000 --approval-above 50000",
          "$2,000 a month; an order of more than $500 is looked at by a person.")
      ]
    ) { context in
      let words = context.invocation
      let monthly = try words.optional("monthly", expected: Self.moneyWords, parse: Self.money)
      let approval = try words.optional("approval-above", expected: Self.moneyWords, parse: Self.money)
      let zone = try words.optional("time-zone", expected: "a zone such as Europe/Berlin") {
        TimeZoneName($0)
      }
      return try await context.changePurchasing { plan in
        if let monthly { plan.budget.monthlyInCents = monthly }
        if let approval { plan.budget.approvalAboveInCents = approval }
        if let zone { plan.timeZone = zone }
      }
    }
  }

  private var setPurchase: Command {
    command(
      "buy", "Sets how resources of a type are bought.",
      discussion: """
        What is not given stays. Names of domains are made from stems, words and endings:
        acme, growth and com make acmegrowth.com, growthacme.com and acme-growth.com.
        """,
      options: [
        .value("provider", "NAME", "manual, or a provider that the settings name, such as infraforge."),
        .value("unit-price", "CENTS", "What one costs; no name is bought that is dearer."),
        .value("auto-order", "yes|no", "Whether what the buffer lacks is ordered without being asked."),
        .value("stems", "A,B", "For names of domains: the first part."),
        .value("words", "A,B", "For names of domains: the second part."),
        .value("endings", "A,B", "For names of domains: com, net and the like."),
      ],
      positionals: [.required("type", "email_domain, mailbox, phone_number or linkedin_seat.")],
      examples: [
        Example(
          "reservoir supply buy email_domain --provider infraforge --unit-price 1400 --auto-order yes "
            + "--stems acme --words growth,reach,team --endings com,net",
          "Domains for $14 at most, bought as they are needed.")
      ]
    ) { context in
      let words = context.invocation
      let kind = try words.choice("type", of: ResourceKind.self)
      let provider = try words.optional("provider", expected: "a provider's name") { ProviderName($0) }
      let price = try words.optionalInteger("unit-price", in: NewOrder.prices)
      let orders = try words.optional("auto-order", expected: "yes or no") { ["yes": true, "no": false][$0] }
      let stems = try words.optional("stems", expected: Self.partWords, parse: Self.parts)
      let second = try words.optional("words", expected: Self.partWords, parse: Self.parts)
      let endings = try words.optional("endings", expected: "endings such as com,net") { text in
        let list = text.split(separator: ",").map(String.init)
        return list.allSatisfy(NameParts.isEnding) ? list : nil
      }
      return try await context.changePurchasing { plan in
        var settings = plan[kind]
        if let provider { settings.provider = provider }
        if let price { settings.unitPriceInCents = price }
        if let orders { settings.ordersAutomatically = orders }
        if let stems { settings.names.stems = stems }
        if let second { settings.names.words = second }
        if let endings { settings.names.endings = endings }
        plan.kinds[kind] = settings
      }
    }
  }

  private static let moneyWords = "cents, or none"
  /// `none` is no limit.
  private static func money(_ text: String) -> Int?? {
    if text == "none" { return .some(nil) }
    return Int(text).flatMap { $0 >= 0 ? .some($0) : nil }
  }

  private static let partWords = "parts of lower-case letters and digits, with commas between"
  private static func parts(_ text: String) -> [String]? {
    let list = text.split(separator: ",").map(String.init)
    return list.allSatisfy(NameParts.isPart) ? list : nil
  }

  fileprivate static func text(_ purchasing: SupplyService.Purchasing) -> String {
    let budget = purchasing.plan.budget
    let limit = budget.monthlyInCents.map { "of \($0) cents" } ?? "cents, without a limit,"
    let approval = budget.approvalAboveInCents.map { "orders above \($0) cents wait for an approval" }
    return "\(purchasing.spentInCents) \(limit) spent since \(purchasing.monthStartsAt); "
      + (approval ?? "no order waits for an approval")
  }
}

extension CommandContext {
  /// Reads the plan, changes it, and writes it whole.
  fileprivate func changePurchasing(
    _ change: @Sendable (inout PurchasePlan) -> Void
  ) async throws -> ExitCode {
    try await withServices { services in
      var plan = try await services.supply.purchasing().plan
      change(&plan)
      switch try await services.supply.save(plan, actor: .commandLine) {
      case .saved(let purchasing):
        print(ReservoirProgram.text(purchasing)) { $0.value(purchasing) }
        return .success
      case .unknownProvider(let kind):
        let names = services.supply.providers(of: kind).map(\.text).joined(separator: ", ")
        throw CommandFailure("\(kind.rawValue) can be bought from: \(names)")
      }
    }
  }
}
