import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  var forecast: Command {
    command(
      "forecast", "Supply and need of the next 60 days, and what to order today.",
      discussion: """
        Need (●) is all that is waited for, with what new clients and upgrades will ask for;
        supply (─) is all that lies ready, with what arrives. The shade (░) is the band that 9 of
        10 forecasts stay in. ▲ is the first day on which there will be too little, △ the first
        on which there may be.
        """,
      options: [
        .value("history-days", "N", "The most days of history that rates are made from.", default: "90"),
        .value("by", "DATE", "How many clients could be onboarded by this day; the last one by default."),
        .value("type", "TYPE", "Draws one: email_domain, mailbox, phone_number or linkedin_seat."),
      ],
      examples: [
        Example("reservoir forecast", "The charts, and what to order."),
        Example("reservoir forecast --type email_domain --by 2026-12-24", "Domains until Christmas."),
        Example("reservoir forecast --json", "Every day, for a program."),
      ]
    ) { context in
      let words = context.invocation
      let days = try words.integer("history-days", in: ForecastService.historyRange)
      let only = try words.optional("type", expected: "email_domain, mailbox, phone_number or linkedin_seat")
      {
        ResourceKind(rawValue: $0)
      }
      let by = try words.optional("by", as: CivilDate.self, expected: "a date such as 2026-01-31")
      return try await context.withServices { services in
        let outlook = try await services.forecasts.outlook(historyDays: days)
        let day = by ?? outlook.lastDay
        guard outlook.forecast.capacity(by: day) != nil else {
          throw context.usage("--by: expected a day from \(outlook.facts.today) to \(outlook.lastDay)")
        }
        if context.isJSON {
          context.print { $0.object { outlook.writeFields(to: &$0, by: day) } }
        } else {
          let text = ForecastText(outlook, only: only, by: day)
          context.console.out.write(text.text(for: context.console.out))
        }
        return .success
      }
    }
  }
}

/// What `reservoir forecast` shows to people.
struct ForecastText {
  private let outlook: Outlook
  private let only: ResourceKind?
  private let day: CivilDate

  init(_ outlook: Outlook, only: ResourceKind? = nil, by day: CivilDate) {
    self.outlook = outlook
    self.only = only
    self.day = day
  }

  func text(for output: any TextOutput) -> String {
    var text = ""
    for kind in outlook.forecast.kinds where only == nil || only == kind.kind {
      text += chart(of: kind, output) + "\n"
    }
    return text + orders(output) + "\n" + capacity(output) + "\n" + history() + "\n"
  }

  private func chart(of kind: Forecast.Kind, _ output: any TextOutput) -> String {
    var chart = BandChart(kind.days.map { Self.short($0.date) })
    func bands(_ band: KeyPath<Forecast.Day, Domain.Band>) -> [BandChart.Band] {
      kind.days.map {
        let band = $0[keyPath: band]
        return .init(low: Double(band.low), expected: band.expected, high: Double(band.high))
      }
    }
    chart.add(bands(\.supply), mark: "─", shade: "·", .cyan)
    chart.add(bands(\.need), mark: "●", shade: "░", .yellow)
    func point(_ date: CivilDate?, _ mark: Character) {
      if let date { chart.point(to: date.days(since: outlook.facts.today), mark) }
    }
    point(kind.firstPossibleShortage, "△")
    point(kind.firstShortage, "▲")
    let name = kind.kind.words(2).dropFirst(2)
    return output.styled(name.prefix(1).uppercased() + name.dropFirst(), .bold) + "  ● need  ─ supply\n"
      + chart.text(for: output) + words(of: kind) + "\n"
      + "An order of today is ready by \(kind.order.arrivesOn).\n"
  }

  private func words(of kind: Forecast.Kind) -> String {
    switch (kind.firstShortage, kind.firstPossibleShortage) {
    case (let short?, let possible?) where possible < short:
      "Too few from \(short), some may wait from \(possible)."
    case (let short?, _): "Too few from \(short)."
    case (nil, let possible?): "Some may wait from \(possible)."
    case (nil, nil): "Enough until \(outlook.lastDay)."
    }
  }

  private func orders(_ output: any TextOutput) -> String {
    var table = Table([
      .text("ORDER TODAY"), .number("READY"), .number("COMING"), .number("WAITING"), .text("BUFFER"),
      .number("NEEDS"), .number("TO FILL"), .number("FORECAST"), .number("ORDER"),
    ])
    for kind in outlook.forecast.kinds {
      let buffer = outlook.buffer(kind.kind)
      let numbers = [
        buffer.required, buffer.toOrder, kind.order.quantity, outlook.toOrder(kind.kind),
      ]
      table.add(
        [kind.kind.rawValue]
          + [buffer.available, buffer.arriving, buffer.backordered].map { "\($0)" }
          + [buffer.level.rawValue] + numbers.map { "\($0)" })
    }
    return table.text(for: output)
  }

  private func capacity(_ output: any TextOutput) -> String {
    var table = Table([
      .text("NEW CLIENTS BY \(day)"), .number("AT LEAST"), .number("EXPECTED"), .number("AT MOST"),
    ])
    func text(_ count: Int) -> String { count == .max ? "any" : HumanText.count(count) }
    for (tier, clients) in outlook.forecast.capacity(by: day) ?? [] {
      table.add(["\(tier) only", text(clients.low), text(clients.expected), text(clients.high)])
    }
    return table.text(for: output)
  }

  private func history() -> String {
    func sum(_ counts: [PricingTierName: [Int]]) -> Int { counts.values.joined().reduce(0, +) }
    let (came, left) = (sum(outlook.facts.signups), sum(outlook.facts.churn))
    return "From \(HumanText.count(outlook.historyDays, "day")) of history: "
      + "\(HumanText.count(came, "sign-up")), \(HumanText.count(left, "departure"))."
  }

  /// `Nov 24`
  private static func short(_ date: CivilDate) -> String {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(months[date.month - 1]) \(date.day)"
  }
}
