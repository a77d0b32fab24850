import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  var plan: Command {
    Command("plan", "Calculates what is needed.", subcommands: [planTier])
  }

  private var planTier: Command {
    command(
      "tier", "What a pricing tier with so many leads needs, step by step.",
      options: [.value("leads", "N", "Leads of a billing month.", default: "2250")],
      examples: [
        Example("reservoir plan tier --leads 3000", "Resources for a tier of 3,000 leads, with each step.")
      ]
    ) { context in
      let leads = try context.invocation.integer("leads", in: TierPlan.leadRange)
      let plan = try TierPlan(leads: leads)
      if context.isJSON {
        context.print { $0.value(plan) }
        return .success
      }
      var table = Table([.text("STEP"), .number("VALUE"), .text("BECAUSE")])
      for step in plan.steps { table.add([step.name, "\(step.value)", step.formula]) }
      context.console.out.write(table.text(for: context.console.out, empty: ""))
      let needs = ResourceKind.allCases.map { $0.words(plan.resources[$0]) }.joined(separator: ", ")
      context.console.print("\n\(HumanText.count(leads, "lead")) need \(needs)")
      return .success
    }
  }
}
