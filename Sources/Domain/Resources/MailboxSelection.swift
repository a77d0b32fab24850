/// How mailboxes and domains stay together.
///
/// A client's mailboxes are always on domains of its own. So domains are chosen first, by R5 alone, and
/// mailboxes only on those and on the domains that the client has. They are spread evenly: the next mailbox
/// goes to the domain on which the client has the fewest, and no domain gets more than its share, wanted
/// mailboxes ÷ wanted domains rounded up (2 in R1's tiers), even if another has none left. So a client that
/// gets one domain of three does not get its six mailboxes on that one; the other four are short.
///
/// A domain without mailboxes is chosen like any other: R5 has no such criterion, and mailboxes can be made
/// on a domain within minutes. The shortage says which kind is missing.
struct MailboxSelection {
  private struct Site {
    let domain: Resource
    var count: Int
    /// Assignable ones, the best last.
    var mailboxes: [SelectedResource]
  }

  private var sites: [Site]
  private let most: Int

  /// - Parameters:
  ///   - chosen: the new domains, best first.
  ///   - wanted: what the client is to get, before it is known what there is.
  init(
    chosen: [SelectedResource], wanted: ResourceCounts, facts: SelectionFacts, policy: WarmupPolicy,
    now: Timestamp
  ) {
    let owned = ResourceCounts(of: facts.owned)
    let all = owned + wanted + facts.alsoWanted
    let (domains, mailboxes) = (all.emailDomains, all.mailboxes)
    most = domains == 0 ? 0 : (mailboxes + domains - 1) / domains
    let ownDomains = facts.owned.filter { $0.kind == .emailDomain }.sorted(by: ResourceSelection.order)
    let taken = Set(facts.owned.map(\.id))
    let counts = facts.owned.reduce(into: [ID<Resource>: Int]()) { counts, resource in
      if let domainID = resource.domainID { counts[domainID, default: 0] += 1 }
    }
    let byDomain = Dictionary(grouping: facts.candidates[.mailbox] ?? [], by: \.domainID)
    sites = (ownDomains + chosen.map(\.resource)).map { domain in
      let free = (byDomain[domain.id] ?? []).filter { !taken.contains($0.id) }
        .sorted(by: ResourceSelection.order)
        .compactMap { mailbox -> SelectedResource? in
          let assignability = Assignability(of: mailbox, domain: domain, policy: policy, now: now)
          return assignability.isAssignable
            ? SelectedResource(resource: mailbox, sendsFrom: assignability.sendsFrom) : nil
        }
      return Site(domain: domain, count: counts[domain.id] ?? 0, mailboxes: free.reversed())
    }
  }

  /// The next mailbox: of the domain with the fewest, of those the first.
  mutating func next() -> SelectedResource? {
    var best: Int?
    for (index, site) in sites.enumerated() where !site.mailboxes.isEmpty && site.count < most {
      if best.map({ site.count < sites[$0].count }) ?? true { best = index }
    }
    guard let best else { return nil }
    sites[best].count += 1
    return sites[best].mailboxes.popLast()
  }

  mutating func take(_ count: Int) -> [SelectedResource] {
    var taken: [SelectedResource] = []
    while taken.count < count, let mailbox = next() { taken.append(mailbox) }
    return taken
  }
}
