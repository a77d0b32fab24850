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
        object.object("facts") { write(facts, to: &$0) }
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

  private static func write(_ facts: GateFacts, to object: inout JSONWriter) {
    for (name, time) in times(facts) {
      if let time { object.field(named: name, time.description) }
    }
    if let status = facts.emailStatus { object.field("email_status", status.rawValue) }
    object.field("is_assigned", facts.isAssigned)
    object.field("used", facts.used)
    object.field("daily_limit", facts.dailyLimit)
  }

  private static func times(_ facts: GateFacts) -> [(String, Timestamp?)] {
    [
      ("bounced_at", facts.bouncedAt), ("unsubscribed_at", facts.unsubscribedAt),
      ("replied_at", facts.repliedAt), ("last_touch_at", facts.lastTouchAt),
      ("last_touch_on_channel_at", facts.lastTouchOnChannelAt), ("resets_at", facts.resetsAt),
      ("warmup_completes_at", facts.warmupCompletesAt),
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
