import Domain
import Engine
import JSON

extension LeadAssignment: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("lead_id", leadID)
      object.field("client_id", clientID)
      object.field("campaign_id", campaignID)
      object.field("status", status.rawValue)
      object.field("assigned_at", assignedAt)
      object.field("released_at", releasedAt)
      object.field("release_reason", releaseReason)
      object.field("converted_at", convertedAt)
      object.field("replied_at", repliedAt)
      object.field("reply_intent", replyIntent)
      object.field("last_contacted_at", lastContactedAt)
      object.field("contacts", contacts)
    }
  }
}

extension LeadQuota: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("monthly", monthly)
      object.field("used", used.month)
      object.field("left", left)
      object.field("used_today", used.today)
      object.field("pace", pace)
      object.field("left_today", leftToday)
      object.field("renews_on", renewsOn?.description)
    }
  }
}

extension LeadAssignmentService.Report: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("verdicts", verdicts)
      object.field("assigned", assigned)
      object.field("quota", quota)
    }
  }
}

extension LeadAssignmentService.Report.Verdict: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    var (owner, merged, scope): (ID<Client>?, ID<Lead>?, String?) = (nil, nil, nil)
    switch verdict {
    case .taken(let client): owner = client
    case .merged(let lead): merged = lead
    case .suppressed(let isGlobal): scope = isGlobal ? "all" : "client"
    default: break
    }
    writer.object { object in
      object.field("lead_id", lead)
      object.field("verdict", verdict.code)
      object.field("owner_id", owner)
      object.field("merged_into_id", merged)
      object.field("scope", scope)
    }
  }
}

extension LeadPlanService.Result: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", plan.id)
      object.field("seed", Int(plan.seed))
      object.field("state", plan.state.rawValue)
      object.field("created_at", plan.createdAt)
      object.field("applied_at", plan.appliedAt)
      object.field("shares", plan.shares)
      object.object("outcomes") { object in
        for outcome in outcomes.keys.sorted() { object.field(named: outcome, outcomes[outcome] ?? 0) }
      }
    }
  }
}

extension LeadPlan.Share: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("client_id", client)
      object.field("campaign_id", campaign)
      object.field("wanted", wanted)
      object.field("planned", planned)
      object.field("assigned", assigned)
      object.field("quota_left", quotaLeft)
      object.field("pace_left", paceLeft)
    }
  }
}

extension LeadPlanEntry: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("position", position)
      object.field("client_id", client)
      object.field("lead_id", lead)
      object.field("score", score)
      object.field("outcome", outcome)
    }
  }
}

extension LeadPlanService.Wish {
  /// The body of `POST /v1/lead-plans`.
  init(_ object: JSONObjectReader) throws {
    let client: Checked<ID<Client>?> = object.optional("client_id", .id())
    let count = object.optional("count", .int(1...LeadPlan.most))
    let campaign: Checked<ID<Campaign>?> = object.optional("campaign_id", .id())
    // JSON's numbers are exact up to 2⁵³.
    let seed = object.optional("seed", .int(-9_007_199_254_740_991...9_007_199_254_740_991))
    let keepsPace = object.optional("keeps_pace", .bool, default: false)
    self.init(
      client: try client(), count: try count(), campaign: try campaign(), seed: try seed().map(Int64.init),
      keepsPace: try keepsPace())
    if self.campaign != nil && self.client == nil {
      object.refuse("campaign_id", "expected with client_id only")
    }
  }
}
