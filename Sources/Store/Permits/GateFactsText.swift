import Domain
import JSON

/// Facts and verdicts of the gate as the ledger keeps them, so that each decision can be made again.
///
///     {"facts": {"email_status": "verified", "is_assigned": true, "used": 12, "daily_limit": 50, …},
///      "reasons": [{"code": "channel_cooling", "until": "2026-03-01T09:00:00Z"}]}
public enum GateFactsText {
  public static func text(_ facts: GateFacts, _ verdict: GateVerdict) -> String {
    let bytes = JSON.write { writer in
      writer.object { object in
        object.object("facts") { members in
          for (name, value) in Self.members(of: facts) where value != .null {
            members.field(named: name, value)
          }
        }
        object.array("reasons") { array in
          for reason in verdict.reasons {
            array.object { item in
              item.field("code", reason.check.rawValue)
              if let until = reason.until { item.field("until", until.description) }
            }
          }
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What the gate looked at, by the names that the ledger and the interface have for it; null for what there
  /// is none of. Nothing personal.
  public static func members(of facts: GateFacts) -> [(name: String, value: JSONValue)] {
    func time(_ time: Timestamp?) -> JSONValue { time.map { .string($0.description) } ?? .null }
    return [
      ("bounced_at", time(facts.bouncedAt)), ("unsubscribed_at", time(facts.unsubscribedAt)),
      ("email_status", facts.emailStatus.map { .string($0.rawValue) } ?? .null),
      ("is_assigned", .bool(facts.isAssigned)), ("replied_at", time(facts.repliedAt)),
      ("last_touch_at", time(facts.lastTouchAt)),
      ("last_touch_on_channel_at", time(facts.lastTouchOnChannelAt)), ("used", .int(facts.used)),
      ("daily_limit", .int(facts.dailyLimit)), ("resets_at", time(facts.resetsAt)),
      ("warmup_completes_at", time(facts.warmupCompletesAt)),
    ]
  }

  /// Nil for what `text` did not write.
  public static func read(_ text: String) throws -> (facts: GateFacts, reasons: [GateVerdict.Reason])? {
    let value = try JSONValue(parsing: text)
    guard let facts = value["facts"], let isAssigned = facts["is_assigned"]?.bool,
      let used = facts["used"]?.int, let limit = facts["daily_limit"]?.int
    else { return nil }
    func time(_ name: String) -> Timestamp? { facts[name]?.string.flatMap { Timestamp($0) } }
    let reasons = (value["reasons"]?.array ?? []).compactMap { reason -> GateVerdict.Reason? in
      guard let check = reason["code"]?.string.flatMap(GateCheck.init(rawValue:)) else { return nil }
      return .init(check, until: reason["until"]?.string.flatMap { Timestamp($0) })
    }
    let found = GateFacts(
      bouncedAt: time("bounced_at"), unsubscribedAt: time("unsubscribed_at"),
      emailStatus: facts["email_status"]?.string.flatMap(EmailStatus.init(rawValue:)),
      isAssigned: isAssigned, repliedAt: time("replied_at"), lastTouchAt: time("last_touch_at"),
      lastTouchOnChannelAt: time("last_touch_on_channel_at"), used: used, dailyLimit: limit,
      resetsAt: time("resets_at"), warmupCompletesAt: time("warmup_completes_at"))
    return (found, reasons)
  }
}
