import Domain

func resourceID(_ number: UInt64) -> ID<Resource> { ID(high: 4, low: number) }

func day(_ text: String) -> CivilDate { CivilDate(text)! }

extension Duration {
  static func days(_ count: Int) -> Duration { .hours(count * 24) }
}

/// A resource of the pool: warmed, of reputation 50, nobody's, created at noon.
func resource(
  _ number: UInt64, _ kind: ResourceKind = .emailDomain, on domain: UInt64? = nil, maxClients: Int = 1,
  clients: Int = 0, status: ResourceStatus? = nil, heldUntil: Timestamp? = nil, createdAt: Timestamp = noon,
  warmup: Warmup = Warmup(completedAt: noon), reputation: Int = 50, health: SendCounts = .none,
  authentication: DomainAuthentication = .unknown, timeZone: String = "UTC"
) -> Resource {
  let text =
    switch kind {
    case .emailDomain: "d\(number).example.com"
    case .mailbox: "m\(number)@d\(domain ?? 0).example.com"
    case .phoneNumber: "+1424485\(1_000 + number)"
    case .linkedInSeat: "seat-\(number)"
    }
  return Resource(
    id: resourceID(number), kind: kind, value: ResourceValue(unchecked: text, kind: kind),
    domainID: domain.map(resourceID), maxClients: maxClients, currentClients: clients,
    status: status ?? (clients < maxClients ? .available : .assigned), heldUntil: heldUntil,
    createdAt: createdAt, warmup: warmup, reputationScore: reputation, health: health,
    authentication: authentication, timeZone: TimeZoneName(timeZone)!)
}

/// Domain `number` and its two mailboxes, 100 × `number` + 1 and + 2.
func domainWithMailboxes(_ number: UInt64, reputation: Int = 50, clients: Int = 0) -> [Resource] {
  [resource(number, clients: clients, reputation: reputation)]
    + (1...2).map { resource(number * 100 + $0, .mailbox, on: number, clients: clients, reputation: 50) }
}

/// A pool with `domains` domains of two mailboxes each, numbers and seats.
func pool(domains: Int, numbers: Int = 0, seats: Int = 0) -> [ResourceKind: [Resource]] {
  let email = (0..<domains).flatMap { domainWithMailboxes(UInt64($0) + 1) }
  let phones = (0..<numbers).map { resource(UInt64($0) + 50_001, .phoneNumber, warmup: Warmup()) }
  let linkedIn = (0..<seats).map { resource(UInt64($0) + 60_001, .linkedInSeat, warmup: Warmup()) }
  return Dictionary(grouping: email + phones + linkedIn, by: \.kind)
}

extension ResourceAssignment {
  var ids: [ID<Resource>]? {
    if case .assign(let chosen, _) = self { chosen.map(\.resource.id) } else { nil }
  }
  var shortage: Shortage? {
    switch self {
    case .assign(_, let short): short
    case .refused(let shortage): shortage
    }
  }
}
