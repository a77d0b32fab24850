import Domain
import Engine
import JSON

// The JSON of commands has the fields of the HTTP interface (openapi.yaml).

struct ClientShape: JSONWritable {
  let client: Client

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", "\(client.id)")
      $0.field("company_name", client.companyName.text)
      $0.field("time_zone", client.timeZone.identifier)
      $0.field("low_water_mark", client.lowWaterMark)
      $0.field("created_at", "\(client.createdAt)")
    }
  }
}

struct LeadShape: JSONWritable {
  let lead: Lead

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", "\(lead.id)")
      $0.field("primary_email", lead.primaryEmail?.text)
      $0.field("first_name", lead.firstName)
      $0.field("last_name", lead.lastName)
      $0.field("assigned_phone_number_id", lead.assignedPhoneNumberID?.text)
      $0.field("phone_assigned_at", lead.phoneAssignedAt?.description)
      $0.field("created_at", "\(lead.createdAt)")
    }
  }
}

struct LeaseShape: JSONWritable {
  let lease: Lease

  func write(to writer: inout JSONWriter) {
    writer.object { writeFields(to: &$0) }
  }

  func writeFields(to writer: inout JSONWriter) {
    writer.field("id", "\(lease.id)")
    writer.field("term", lease.term)
    writer.field("number", lease.number.e164)
    writer.field("provider_number_id", lease.providerNumberID.text)
    writer.field("company", lease.company.text)
    writer.field("client_id", "\(lease.clientID)")
    writer.field("lead_id", "\(lease.leadID)")
    writer.field("customer_phone", lease.customerPhone?.e164)
    writer.field("leased_at", "\(lease.leasedAt)")
    writer.field("release_at", "\(lease.releaseAt)")
    writer.field("appointment_at", lease.appointmentAt?.description)
    writer.field("last_outcome", lease.lastOutcome?.rawValue)
    writer.field("missed_calls", lease.missedCalls)
    writer.field("ended_at", lease.endedAt?.description)
    writer.field("end_reason", lease.endReason?.rawValue)
  }
}

struct NumberShape: JSONWritable {
  let number: PooledNumber

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.field("provider_number_id", number.providerNumberID.text)
      $0.field("number", number.number.e164)
      $0.field("name", number.name)
      $0.field("company", number.company?.text)
      $0.field("client_id", number.clientID?.description)
      $0.field("status", number.status.rawValue)
      $0.field("assignment_status", number.assignmentStatus.rawValue)
      $0.field("territories", number.territories)
      $0.field("area_code", number.number.areaCode?.description)
      $0.field("notes", number.notes)
      $0.field("last_used_at", number.assignedAt?.description)
      $0.field("last_call_outcome", number.lastCallOutcome)
      $0.field("lease_id", number.leaseID?.description)
      $0.field("lead_id", number.leadID?.description)
      $0.field("release_at", number.releaseAt?.description)
    }
  }
}

struct KeyShape: JSONWritable {
  let key: APIKey
  /// Only for a new key.
  var secret: String?

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", "\(key.id)")
      $0.field("name", key.name)
      $0.field("role", key.role.rawValue)
      $0.field("client_id", key.clientID?.description)
      $0.field("prefix", key.prefix)
      $0.field("created_at", "\(key.createdAt)")
      $0.field("revoked_at", key.revokedAt?.description)
      if let secret { $0.field("key", secret) }
    }
  }
}

struct JobShape: JSONWritable {
  let job: JobSummary

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.field("name", job.name)
      $0.field("interval_seconds", Int(job.interval / .seconds(1)))
      $0.field("last_started_at", job.lastStartedAt?.description)
      $0.field("last_finished_at", job.lastFinishedAt?.description)
      $0.field("last_result", job.lastResult?.rawValue)
      $0.field("last_error", job.lastError)
      $0.field("next_run_at", job.nextRunAt?.description)
    }
  }
}
