/// What stays known of a person who is forgotten: keys of addresses, so that the person is recognised and
/// never contacted again.
public enum Erasure {
  /// The addresses whose keys stay. A number that is the company's own stays out: it is no person's, and
  /// others may be called there.
  ///
  /// - Parameter numbers: what the person was called by in leases.
  public static func remembered(
    of facts: [LeadFacts], emails: [EmailAddress] = [], numbers: [PhoneNumber] = []
  ) -> [ContactAddress] {
    let shared = Set(
      facts.flatMap { [$0.text(.companyPhone), $0.text(.companySanitizedPhone)] }
        .compactMap { $0.flatMap { PhoneNumber(parsing: $0)?.e164 } })
    var addresses: [ContactAddress] = []
    func add(_ address: ContactAddress) {
      guard !addresses.contains(address) else { return }
      if address.kind == .phone, shared.contains(address.value) { return }
      addresses.append(address)
    }
    for contact in facts.flatMap(\.personalAddresses) { add(contact.address) }
    for email in emails { add(ContactAddress(.email, unchecked: email.folded.text)) }
    for number in numbers { add(ContactAddress(.phone, unchecked: number.e164)) }
    return addresses
  }
}
