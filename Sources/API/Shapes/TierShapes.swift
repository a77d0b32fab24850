import Domain
import JSON

extension TextShape where Value == PricingTierName {
  static var tierName: TextShape {
    TextShape("a tier's name: 1 to 50 lower-case letters, digits, - and _") { PricingTierName($0) }
  }
}

extension PricingTier: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("name", name.text)
      object.field("price_cents", priceInCents)
      object.field("lead_quota", leadQuota)
      resources.writeFields(to: &object)
    }
  }

  /// The body of `PUT /v1/tiers/{tier_name}`.
  init(named name: PricingTierName, _ object: JSONObjectReader) throws {
    let price = object.required("price_cents", .int(0...2_000_000_000))
    let quota = object.required("lead_quota", .int(TierPlan.leadRange))
    let domains = object.required("email_domains", .int(ResourceCounts.mostOfAKind))
    let mailboxes = object.required("mailboxes", .int(ResourceCounts.mostOfAKind))
    let numbers = object.required("phone_numbers", .int(ResourceCounts.mostOfAKind))
    let seats = object.required("linkedin_seats", .int(ResourceCounts.mostOfAKind))
    self.init(
      name: name, priceInCents: try price(), leadQuota: try quota(),
      resources: ResourceCounts(
        emailDomains: try domains(), mailboxes: try mailboxes(), phoneNumbers: try numbers(),
        linkedInSeats: try seats()))
  }
}

extension ResourceCounts: JSONWritable {
  /// What a tier may give, and an operator may ask for at once.
  static let mostOfAKind = 0...10_000

  public func write(to writer: inout JSONWriter) { writer.object { writeFields(to: &$0) } }

  fileprivate func writeFields(to object: inout JSONWriter) {
    object.field("email_domains", emailDomains)
    object.field("mailboxes", mailboxes)
    object.field("phone_numbers", phoneNumbers)
    object.field("linkedin_seats", linkedInSeats)
  }

  /// The body of `POST /v1/clients/{client_id}/assign`.
  init(wanted object: JSONObjectReader) throws {
    let domains = object.optional("email_domains", .int(Self.mostOfAKind), default: 0)
    let mailboxes = object.optional("mailboxes", .int(Self.mostOfAKind), default: 0)
    let numbers = object.optional("phone_numbers", .int(Self.mostOfAKind), default: 0)
    let seats = object.optional("linkedin_seats", .int(Self.mostOfAKind), default: 0)
    self.init(
      emailDomains: try domains(), mailboxes: try mailboxes(), phoneNumbers: try numbers(),
      linkedInSeats: try seats())
    if isZero { object.refuse("expected at least one count above 0") }
  }
}

extension TierPlan: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("leads", leads)
      object.array("steps") { list in
        for step in steps {
          list.object { object in
            object.field("name", step.name)
            object.field("value", Double(step.value.numerator) / Double(step.value.denominator))
            object.field("unit", step.unit.rawValue)
            object.field("formula", step.formula)
          }
        }
      }
      object.field("resources", resources)
    }
  }
}
