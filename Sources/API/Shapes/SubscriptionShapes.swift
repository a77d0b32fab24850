import Domain
import Engine
import JSON

/// The answer to a command: the subscription, and what the command did for the client's resources.
extension SubscriptionService.Standing: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.object("subscription") { writeFields(to: &$0) }
      object.field("assigned", assigned)
      object.array("released") { list in
        for resource in released { list.object { resource.writeName(to: &$0) } }
      }
    }
  }

  /// The fields of the subscription alone.
  func writeFields(to object: inout JSONWriter) {
    object.field("client_id", subscription.clientID)
    object.field("tier", subscription.tier.text)
    object.field("state", subscription.state.rawValue)
    object.field("signed_up_on", subscription.signedUpOn.description)
    object.field("month_starts_on", month.startsOn.description)
    object.field("next_month_starts_on", month.nextStartsOn.description)
    object.field("next_tier", subscription.next?.tier.text)
    object.field("next_tier_at", subscription.next?.at)
    object.field("held_until", subscription.heldUntil)
    object.field("backordered", backordered)
  }
}
