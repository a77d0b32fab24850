extension LeadField {
  /// Fields that may be as long as a page; all others are lines, which lists and indexes can take.
  private static let long: Set<String> = [
    "company_description", "company_seo_description", "photo_url", "company_logo_url",
  ]

  /// The most bytes that a text of this field may have.
  var longestText: Int { Self.long.contains(name) ? 100_000 : 2_000 }
}

extension LeadFacts {
  /// All ways into the pool end here: what identifies a person is brought to one form, what follows from
  /// other facts is derived, and what cannot be is taken out.
  ///
  /// - Email: folded, its domain kept beside it; the provider's placeholder is no address.
  /// - Numbers: E.164, numbers without a plus being those of `region` (ISO 3166); the one to call first in
  ///   front, and alone in `phone`.
  /// - LinkedIn: `LinkedInKey` beside the URL. A URL that is no person's profile stays, without a key.
  /// - Domains in ASCII; zones by their IANA name; words of a status in lower case.
  /// - Texts without white space at their ends; empty texts and lists are not known.
  ///
  /// - Parameter hasParsedPhones: the numbers are in E.164 already, by `PhoneNumber`.
  /// - Returns: the facts, and what is wrong with fields that were taken out, in the order of the fields.
  public func normalised(
    region: String = "US", hasParsedPhones: Bool = false
  ) -> (facts: LeadFacts, errors: [FieldError]) {
    var draft = Draft(facts: self)
    draft.trimTexts()
    draft.email()
    if hasParsedPhones { draft.leadPhones() } else { draft.phones(region) }
    draft.links()
    draft.company()
    draft.place()
    return (draft.facts, draft.errors)
  }

  /// As `normalised`, for input that is to be right or refused.
  /// - Throws: `FieldErrors` with all that is wrong.
  public func checked(region: String = "US") throws(FieldErrors) -> LeadFacts {
    let (facts, errors) = normalised(region: region)
    guard errors.isEmpty else { throw FieldErrors(errors) }
    return facts
  }

  /// Why nobody can be made of these facts; nil when they name somebody: a lead is known by Apollo's id, a
  /// LinkedIn profile or an email address, or can at least be called.
  public var missingIdentity: FieldError? {
    guard identities.isEmpty, text(.phone) == nil else { return nil }
    return FieldError(
      field: "identity", detail: "needs an Apollo id, a LinkedIn profile, an email address or a phone number")
  }
}

private struct Draft {
  var facts: LeadFacts
  var errors: [FieldError] = []

  mutating func refuse(_ field: LeadField, _ detail: String) {
    facts[field] = nil
    errors.append(FieldError(field: field.name, detail: detail))
  }

  mutating func trimTexts() {
    for field in LeadField.all {
      switch facts[field] {
      case .text(let text):
        let clean = text.needsTrimming ? text.trimmed : text
        if clean.isEmpty {
          facts[field] = nil
        } else if clean.utf8.contains(0) || clean.utf8.count > field.longestText {
          refuse(field, "expected text of at most \(field.longestText) bytes")
        } else if clean.utf8.count != text.utf8.count {
          facts[field] = .text(clean)
        }
      case .texts(let texts):
        let clean = texts.map { $0.needsTrimming ? $0.trimmed : $0 }.filter { !$0.isEmpty }
        if clean.isEmpty {
          facts[field] = nil
        } else if clean.contains(where: { $0.utf8.contains(0) || $0.utf8.count > 2_000 }) {
          refuse(field, "expected texts of at most 2000 bytes each")
        } else {
          facts[field] = .texts(clean)
        }
      case .number(let value) where !value.isFinite: refuse(field, "expected a number")
      default: continue
      }
    }
  }

  mutating func email() {
    if let status = facts.text(.emailStatus) { facts[.emailStatus] = .text(status.lowercased()) }
    if let written = facts.text(.email) {
      if EmailAddress.isPlaceholder(written) {
        facts[.email] = nil
      } else if let address = EmailAddress(written)?.folded {
        facts[.email] = .text(address.text)
        facts[.emailDomain] = .text(address.domain.text)
      } else {
        refuse(.email, "expected an address such as ada@example.com")
      }
    }
    if facts.text(.email) == nil { facts[.emailDomain] = nil }
    let personal = facts.texts(.personalEmails)
    guard !personal.isEmpty else { return }
    let addresses = personal.filter { !EmailAddress.isPlaceholder($0) }
      .compactMap { EmailAddress($0)?.folded.text }
    if addresses.count < personal.filter({ !EmailAddress.isPlaceholder($0) }).count {
      errors.append(
        FieldError(field: LeadField.personalEmails.name, detail: "expected addresses such as ada@example.com")
      )
    }
    facts[.personalEmails] = addresses.isEmpty ? nil : .texts(addresses.withoutRepetition)
  }

  mutating func phones(_ region: String) {
    var numbers: [String] = []
    if let written = facts.text(.phone) {
      if let number = Self.number(written, region) {
        numbers.append(number)
      } else {
        refuse(.phone, "expected a telephone number such as +14155550123")
      }
    }
    let listed = facts.texts(.phones)
    let good = listed.compactMap { Self.number($0, region) }
    if good.count < listed.count {
      errors.append(
        FieldError(field: LeadField.phones.name, detail: "expected telephone numbers such as +14155550123"))
    }
    facts[.phones] = .texts((numbers + good).withoutRepetition)
    leadPhones()
  }

  /// The first number is the one to call.
  mutating func leadPhones() {
    let numbers = facts.texts(.phones)
    facts[.phone] = numbers.first.map { .text($0) }
    facts[.phones] = numbers.isEmpty ? nil : .texts(numbers)
  }

  private static func number(_ text: String, _ region: String) -> String? {
    PhoneNumber(parsing: text, defaultRegion: region)?.e164
  }

  mutating func links() {
    if let url = facts.text(.linkedInURL) {
      facts[.linkedInKey] = LinkedInKey(url).map { .text($0.text) }
    } else if let key = facts.text(.linkedInKey) {
      // A key alone, as our own lists write it.
      if let valid = LinkedInKey("linkedin.com/" + key) {
        facts[.linkedInKey] = .text(valid.text)
        facts[.linkedInURL] = .text("https://www.linkedin.com/\(valid.text)")
      } else {
        refuse(.linkedInKey, "expected a profile such as in/ada-lovelace")
      }
    }
  }

  mutating func company() {
    guard let written = facts.text(.companyDomain) else { return }
    if let domain = DomainName(written) {
      facts[.companyDomain] = .text(domain.text)
    } else {
      refuse(.companyDomain, "expected a domain such as example.com")
    }
  }

  mutating func place() {
    guard let zone = facts.text(.timeZone), !KnownZones.contains(zone) else { return }
    refuse(.timeZone, "expected an IANA time zone such as America/New_York")
  }
}

extension String {
  /// Whether white space may stand at an end: cheap for what is ASCII there.
  fileprivate var needsTrimming: Bool {
    guard let first = utf8.first, let last = utf8.last else { return false }
    return first <= 0x20 || last <= 0x20 || first >= 0x80 || last >= 0x80
  }
}

extension [String] {
  /// Each once, at its first place.
  var withoutRepetition: [String] {
    guard count > 1 else { return self }
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
