import API
import Domain
import Engine
import Terminal

extension ReservoirProgram {
  var leadAnalytics: Command {
    command(
      "analytics", "Shows the pool in figures: use, bounces, collisions, what is known of leads.",
      options: [
        .value("client", "CLIENT", "Only this client's leads: a name or an id."),
        .value("days", "N", "How many of the last days to show.", default: "30"),
      ],
      examples: [Example("reservoir leads analytics --days 7", "The last week.")]
    ) { context in
      let days = try context.invocation.integer("days", in: 1...366)
      let client = context.invocation.optional("client")
      return try await context.withServices { services in
        var owner: ID<Client>?
        if let client { owner = try await services.client(client).id }
        let figures = try await services.leadFigures.figures(days: days, of: owner)
        context.tell(figures)
        return .success
      }
    }
  }
}

extension CommandContext {
  fileprivate func tell(_ figures: LeadFigures) {
    if isJSON { return print { $0.value(figures) } }
    tellPool(figures)
    tellShares("CLIENT", figures.clients.map { ("\($0.subject)", $0.counts) })
    tellShares("SOURCE", figures.sources.map { ($0.subject, $0.counts) })
    tellCaptures(figures.captures)
    tellTiers(figures.tiers)
    tellDays(figures.days)
  }

  private func tellPool(_ figures: LeadFigures) {
    let pool = figures.pool
    var table = Table([.text("POOL"), .number("LEADS"), .text("RATE")])
    table.add(["known", "\(pool.leads)", ""])
    table.add(["contactable", "\(pool.contactable)", ""])
    table.add(["assigned", "\(pool.assigned)", "\(Self.percent(pool.utilisation)) of the contactable"])
    table.add(["with two clients", "\(figures.collisions)", Self.percent(figures.collisionRate)])
    table.add(["contacted", "\(pool.contacted)", ""])
    table.add(["bounced", "\(pool.bounced)", "\(Self.percent(pool.bounceRate)) of the contacted"])
    table.add(["replied", "\(pool.replied)", ""])
    table.add(["converted", "\(pool.converted)", ""])
    console.out.write(table.text(for: console.out, empty: ""))
  }

  private func tellShares(_ title: String, _ shares: [(String, LeadFigures.Counts)]) {
    guard !shares.isEmpty else { return }
    var table = Table([
      .whole(title), .number("LEADS"), .number("ASSIGNED"), .number("CONTACTED"), .number("BOUNCED"),
      .number("CONVERTED"),
    ])
    for (subject, counts) in shares {
      table.add([
        subject, "\(counts.leads)", "\(counts.assigned)", "\(counts.contacted)",
        Self.percent(counts.bounceRate), "\(counts.converted)",
      ])
    }
    console.print("")
    console.out.write(table.text(for: console.out, empty: ""))
  }

  private func tellCaptures(_ captures: LeadFigures.Captures?) {
    guard let captures, let average = captures.average else { return }
    let about = captures.isEstimate ? "about " : ""
    let mean = (average * 10).rounded() / 10
    console.print("\nfields of a lead: \(about)\(mean) on average, of \(LeadField.all.count)")
  }

  private func tellTiers(_ tiers: LeadTierShares?) {
    guard let tiers else { return }
    var table = Table([.text("TIER"), .number("LEADS"), .number("SHARE"), .number("PLANNED")])
    for (tier, planned) in LeadTierShares.planned {
      table.add([tier, "\(tiers.counts[tier] ?? 0)", Self.percent(tiers.share(of: tier)), "\(planned).0 %"])
    }
    console.print("")
    console.out.write(table.text(for: console.out, empty: ""))
  }

  private func tellDays(_ days: [LeadFigures.Share<CivilDate>]) {
    guard days.count > 1 else { return }
    var chart = BandChart(days.map { "\($0.subject)" })
    let claimed = days.map { Double($0.counts.claimed) }
    chart.add(
      claimed.map { BandChart.Band(low: $0, expected: $0, high: $0) }, mark: "●", shade: "░", .green)
    console.print("\nleads that got a client, by day")
    console.out.write(chart.text(for: console.out))
  }

  private static func percent(_ rate: Double?) -> String {
    rate.map { "\(($0 * 1_000).rounded() / 10) %" } ?? "–"
  }
}
