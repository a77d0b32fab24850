/// By what of a lead a suppression means it.
public enum ContactOrigin: String, CaseIterable, Hashable, Sendable {
  case email
  case personalEmail = "personal_email"
  case phone, linkedin, apollo
  /// Something that the lead was known by and no longer is: only its key is left.
  case former
  /// The domain of its address, or one above.
  case emailDomain = "email_domain"
  /// The domain of its company, or one above.
  case companyDomain = "company_domain"
}

/// An address of a lead, and what it is to the lead.
public struct LeadAddress: Hashable, Sendable {
  public let origin: ContactOrigin
  public let address: ContactAddress

  public init(_ origin: ContactOrigin, _ address: ContactAddress) {
    self.origin = origin
    self.address = address
  }
}

extension LeadFacts {
  /// Everything by which a suppression can mean this lead, as far as its fields tell. The SQL function
  /// `lead_contact_keys` says the same, and adds what the lead was known by before.
  public var addresses: [LeadAddress] {
    var addresses = personalAddresses
    let domains: [(ContactOrigin, LeadField)] = [
      (.emailDomain, .emailDomain), (.companyDomain, .companyDomain),
    ]
    for (origin, field) in domains {
      guard let name = text(field) else { continue }
      addresses += ContactAddress(.domain, unchecked: name).domains.map { LeadAddress(origin, $0) }
    }
    return addresses
  }

  /// Those that reach or name this person and nobody else.
  public var personalAddresses: [LeadAddress] {
    var addresses: [LeadAddress] = []
    func add(_ origin: ContactOrigin, _ kind: ContactAddress.Kind, _ value: String?) {
      guard let value else { return }
      let contact = LeadAddress(origin, ContactAddress(kind, unchecked: value))
      if !addresses.contains(where: { $0.address == contact.address }) { addresses.append(contact) }
    }
    add(.email, .email, text(.email))
    for address in texts(.personalEmails) { add(.personalEmail, .email, address.lowercased()) }
    add(.phone, .phone, text(.phone))
    for number in texts(.phones) { add(.phone, .phone, number) }
    add(.linkedin, .linkedin, text(.linkedInKey))
    add(.apollo, .apollo, text(.apolloID))
    return addresses
  }
}

/// The rule of who is suppressed, for explanations. At the moment of use SQL asks the function
/// `lead_suppressions`, which says the same (Tests/StoreTests hold both to the same cases).
public enum SuppressionRule {
  /// A suppression that counts, and by what it means the lead.
  public struct Hit: Hashable, Sendable {
    public let suppression: Suppression
    public let origin: ContactOrigin

    public init(_ suppression: Suppression, _ origin: ContactOrigin) {
      self.suppression = suppression
      self.origin = origin
    }
  }

  /// What forbids `client` to contact a lead that is known by these keys; with nil: everybody. In the order
  /// of the suppressions.
  public static func hits(
    on keys: [ContactKey: ContactOrigin], of suppressions: [Suppression], for client: ID<Client>?
  ) -> [Hit] {
    suppressions.compactMap { suppression in
      guard counts(suppression, for: client), let origin = keys[suppression.key] else { return nil }
      return Hit(suppression, origin)
    }
  }

  /// Whether it counts for this client; with nil: for everybody.
  public static func counts(_ suppression: Suppression, for client: ID<Client>?) -> Bool {
    suppression.liftedAt == nil && (suppression.clientID == nil || suppression.clientID == client)
  }
}
