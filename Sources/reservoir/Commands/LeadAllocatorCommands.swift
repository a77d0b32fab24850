import API
import Domain
import Engine
import JSON
import Synchronization
import Terminal

/// The two ways of `reservoir leads assign`.
extension CommandContext {
  /// Leads by their ids, a thousand a transaction.
  func assignByHand() async throws -> ExitCode {
    let texts = invocation.values("leads")
    let leads = texts.compactMap { ID<Lead>($0) }
    guard leads.count == texts.count else { throw usage("<leads>: expected UUIDs") }
    guard let name = invocation.optional("client") else { throw usage("--client: say who gets them") }
    let campaign = try invocation.optional("campaign", expected: "a UUID") { ID<Campaign>($0) }
    let isOverQuota = invocation.flag("over-quota")
    return try await withServices { services in
      let client = try await services.client(name)
      var verdicts: [LeadAssignmentService.Report.Verdict] = []
      for start in stride(from: 0, to: leads.count, by: LeadAssignmentService.most) {
        let part = Array(leads[start..<min(start + LeadAssignmentService.most, leads.count)])
        let answer = try await services.leadAssignments.assign(
          part, to: client.id, campaign: campaign, isOverQuota: isOverQuota, actor: .commandLine)
        guard case .fresh(.done(let report)) = answer else { throw refusal(answer) }
        verdicts += report.verdicts
      }
      let all = verdicts
      print(all.map { "\($0.lead) \($0.verdict.code)" }.joined(separator: "\n")) { writer in
        writer.object { $0.field("verdicts", all) }
      }
      return all.allSatisfy { $0.verdict == .assigned } ? .success : .failure
    }
  }

  private func refusal(_ answer: Answered<LeadAssignmentService.Outcome>) -> CommandFailure {
    switch answer {
    case .fresh(.unknownCampaign): CommandFailure("the client has no such campaign")
    case .fresh(.campaignEnded): CommandFailure("the campaign has ended")
    default: CommandFailure("there is no such client")
    }
  }

  /// A plan, shown or carried out.
  func allocate() async throws -> ExitCode {
    let words = invocation
    let name = words.optional("client")
    guard (name == nil) == words.flag("all-clients") else {
      throw usage("say leads, --client, --all-clients or --apply")
    }
    let plain = LeadPlanService.Wish(
      count: try words.optionalInteger("count", in: 1...LeadPlan.most),
      campaign: try words.optional("campaign", expected: "a UUID") { ID<Campaign>($0) },
      seed: try words.optionalInteger("seed").map(Int64.init), keepsPace: words.flag("keep-pace"))
    if name != nil && plain.count == nil && !plain.keepsPace {
      throw usage("say leads, or --count, or --keep-pace")
    }
    if plain.campaign != nil && name == nil { throw usage("--campaign: expected with --client") }
    if words.flag("over-quota") { throw usage("--over-quota: expected with ids of leads") }
    return try await withServices { services in
      var wish = plain
      if let name { wish.client = try await services.client(name).id }
      let bar = Progress("leads that have changed", total: nil, on: console.err)
      try await services.leadPlans.refresh { bar.advance(by: $0) }
      bar.finish()
      let plan: LeadPlan
      switch try await services.leadPlans.plan(wish, actor: .commandLine) {
      case .fresh(.planned(let made)): plan = made
      case .fresh(.unknownCampaign): throw CommandFailure("the client has no such campaign")
      case .fresh(.campaignEnded): throw CommandFailure("the campaign has ended")
      default: throw CommandFailure("there is no such client")
      }
      if words.flag("plan") { return try await show(plan, services) }
      console.note("plan \(plan.id); 'reservoir leads assign --apply \(plan.id)' carries on if interrupted")
      return try await apply(plan.id, wanted: plan.shares.reduce(0) { $0 + $1.wanted }, services)
    }
  }

  /// Prints the turns of a plan as they are made, page by page.
  private func show(_ plan: LeadPlan, _ services: Services) async throws -> ExitCode {
    var position = 0
    if isJSON {
      // One document needs all of it: a plan has 100,000 entries at most.
      var all: [LeadPlanEntry] = []
      repeat {
        let page = try await services.leadPlans.entries(of: plan.id, after: position, limit: 5_000)
        all += page
        position = page.last?.position ?? .max
      } while position != .max
      let entries = all
      print { writer in
        writer.object { object in
          object.field("plan", LeadPlanService.Result(plan: plan, outcomes: [:]))
          object.field("entries", entries)
        }
      }
      return .success
    }
    console.print("plan \(plan.id), seed \(plan.seed)")
    for share in plan.shares {
      console.print(
        "client \(share.client): \(share.planned) of \(share.wanted) wanted, "
          + "\(share.quotaLeft) left of its quota"
      )
    }
    while true {
      let page = try await services.leadPlans.entries(of: plan.id, after: position, limit: 5_000)
      guard let last = page.last else { return .success }
      position = last.position
      console.print(
        page.map { "\($0.position) \($0.client) \($0.lead) \($0.score)" }.joined(separator: "\n"))
    }
  }

  /// - Parameter wanted: for the progress; nil where it is not known.
  func apply(_ plan: ID<LeadPlan>, wanted: Int?, _ services: Services) async throws -> ExitCode {
    let bar = Progress("assign", total: wanted, on: console.err)
    let answer = try await services.leadPlans.apply(plan, actor: .commandLine) { bar.advance(by: $0) }
    bar.finish()
    guard case .fresh(.applied(let result)) = answer else {
      throw CommandFailure("there is no such plan; plans are kept for a week")
    }
    let assigned = result.plan.shares.reduce(0) { $0 + $1.assigned }
    let missing = result.plan.shares.reduce(0) { $0 + $1.wanted } - assigned
    let others = result.outcomes.filter { $0.key != "assigned" }.sorted { $0.key < $1.key }
      .map { "\($0.value) \($0.key)" }
    print(
      ["\(HumanText.count(assigned, "lead")) assigned", missing > 0 ? "\(missing) short" : ""]
        .filter { !$0.isEmpty }.joined(separator: ", ")
        + (others.isEmpty ? "" : " (passed over: \(others.joined(separator: ", ")))")
    ) { $0.value(result) }
    return .success
  }
}
