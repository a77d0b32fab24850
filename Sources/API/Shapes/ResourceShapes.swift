import Domain
import Engine
import JSON
import Store

extension Resource: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      writeName(to: &object)
      object.field("status", status.rawValue)
      object.field("max_clients", maxClients)
      object.field("current_clients", currentClients)
      object.field("held_until", heldUntil)
      object.field("quarantine", quarantine)
      object.field("warmup_started_at", warmup.startedAt)
      object.field("warmup_completed_at", warmup.completedAt)
      object.field("reputation_score", reputationScore)
      object.field("health", health)
      object.field("spf_state", authentication.spf.rawValue)
      object.field("dkim_state", authentication.dkim.rawValue)
      object.field("dmarc_state", authentication.dmarc.rawValue)
      object.field("provider", provider)
      object.field("provider_id", providerID)
      object.field("time_zone", timeZone.identifier)
      object.field("created_at", createdAt)
    }
  }

  /// What it is, without its state.
  func writeName(to object: inout JSONWriter) {
    object.field("id", id)
    object.field("resource_type", kind.rawValue)
    object.field("resource_value", value.text)
    object.field("resource_name", name)
    object.field("domain_id", domainID)
  }
}

extension Quarantine: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("reason", reason.rawValue)
      object.field("evidence", evidence)
      object.field("quarantined_at", since)
    }
  }
}

extension SendCounts: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("band", band.rawValue)
      object.field("sent_count", sent)
      object.field("bounce_count", bounces)
      object.field("bounce_rate", bounceRate.rate)
      object.field("complaint_count", complaints)
      object.field("complaint_rate", complaintRate.rate)
    }
  }
}

extension SelectedResource: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      resource.writeName(to: &object)
      object.field("sends_from", sendsFrom)
    }
  }
}

extension Assignability: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("is_assignable", isAssignable)
      object.field("is_warmed", isWarmed)
      object.field("sends_from", sendsFrom)
      object.array("checks") { list in
        for check in checks {
          list.object { object in
            object.field("name", check.name.rawValue)
            object.field("passed", check.isPassed)
            object.field("failure", check.name.failure)
            object.field("may_pass_at", check.mayPassAt)
          }
        }
      }
    }
  }
}

extension ResourceLedgerStore.Entry: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("changed_at", at)
      object.field("kind", kind)
      object.field("client_id", clientID)
      object.field("actor", actor)
      object.field("reason", reason)
      object.field("status", status)
      object.field("current_clients", currentClients)
      object.field("held_until", heldUntil)
    }
  }
}
