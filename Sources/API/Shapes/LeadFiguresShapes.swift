import Domain
import JSON

extension LeadFigures: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("at", at)
      object.object("pool") { pool.members(&$0) }
      object.field("collisions", collisions)
      object.field("collision_rate", collisionRate)
      object.field("captured", captures)
      object.array("clients") { array in
        for share in clients {
          array.object { object in
            object.field("client_id", share.subject)
            share.counts.members(&object)
          }
        }
      }
      object.array("sources") { array in
        for share in sources {
          array.object { object in
            object.field("source", share.subject)
            share.counts.members(&object)
          }
        }
      }
      object.array("days") { array in
        for share in days {
          array.object { object in
            object.field("day", share.subject.description)
            share.counts.members(&object)
          }
        }
      }
      object.field("tiers", tiers)
    }
  }
}

extension LeadFigures.Counts {
  fileprivate func members(_ object: inout JSONWriter) {
    object.field("leads", leads)
    object.field("contactable", contactable)
    object.field("assigned", assigned)
    object.field("contacted", contacted)
    object.field("bounced", bounced)
    object.field("replied", replied)
    object.field("converted", converted)
    object.field("added", added)
    object.field("claimed", claimed)
    object.field("released", released)
    object.field("utilisation", utilisation)
    object.field("assignment_rate", assignmentRate)
    object.field("bounce_rate", bounceRate)
  }
}

extension LeadFigures.Captures: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("leads", leads)
      object.field("is_estimate", isEstimate)
      object.field("at", at)
      object.field("average", average)
      object.field("planned", LeadFigures.Captures.planned)
      object.object("fields") { members in
        for capture in fields { members.field(named: capture.field.name, capture.known) }
      }
    }
  }
}

extension LeadTierShares: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.array { array in
      for (tier, planned) in LeadTierShares.planned {
        array.object { object in
          object.field("tier", tier)
          object.field("leads", counts[tier] ?? 0)
          object.field("share", share(of: tier))
          object.field("planned", Double(planned) / 100)
        }
      }
    }
  }
}
