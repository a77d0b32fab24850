import Domain
import Testing

/// What a resource may do in a campaign, and how campaigns change.
struct CampaignTests {
  static let now = Timestamp(microseconds: 1_800_000_000_000_000)

  static func resource(
    _ kind: ResourceKind, _ change: (inout Resource) -> Void = { _ in }, domain: ID<Resource>? = nil
  ) -> Resource {
    var resource = Resource(
      id: ID(at: now), kind: kind, value: ResourceValue(unchecked: "x", kind: kind), domainID: domain,
      currentClients: 1, status: .assigned, createdAt: now,
      warmup: Warmup(completedAt: kind == .emailDomain ? now : nil))
    change(&resource)
    return resource
  }

  static func limit(
    _ resource: Resource, on channel: Channel? = nil, domain: Resource? = nil, isHeld: Bool = false,
    isLeaving: Bool = false, policy: WarmupPolicy = .strict
  ) -> CampaignLimit {
    CampaignLimit(
      of: resource, domain: domain, on: channel ?? resource.kind.channels[0], isHeld: isHeld,
      isLeaving: isLeaving, policy: policy, now: now)
  }

  static func mailbox(on domain: Resource, _ change: (inout Resource) -> Void = { _ in }) -> CampaignLimit {
    limit(resource(.mailbox, change, domain: domain.id), domain: domain)
  }

  @Test func `each channel has its full limit; a mailbox shares its domain's`() {
    #expect(Self.limit(Self.resource(.emailDomain)).actions == 50)
    #expect(Self.limit(Self.resource(.phoneNumber), on: .voice).actions == 50)
    #expect(Self.limit(Self.resource(.phoneNumber), on: .sms).actions == 100)
    #expect(Self.limit(Self.resource(.linkedInSeat)).actions == 17)
    let shared = Self.mailbox(on: Self.resource(.emailDomain))
    #expect(shared.actions == nil && shared.isWarmed && shared.reasons == [])
  }

  @Test(arguments: ResourceKind.allCases)
  func `held, leaving, retired or quarantined: nothing, with all the reasons`(kind: ResourceKind) {
    let domain = Self.resource(.emailDomain)
    let owner = kind == .mailbox ? domain : nil
    func limit(_ status: ResourceStatus, isHeld: Bool, isLeaving: Bool) -> CampaignLimit {
      Self.limit(
        Self.resource(kind, { $0.status = status }, domain: owner?.id), domain: owner, isHeld: isHeld,
        isLeaving: isLeaving)
    }
    for status in [ResourceStatus.retired, .quarantined] {
      let out = limit(status, isHeld: true, isLeaving: true)
      #expect(out.actions == 0 && out.reasons == [.outOfUse, .held, .leaving])
      #expect(limit(status, isHeld: false, isLeaving: false).reasons == [.outOfUse])
    }
    #expect(limit(.held, isHeld: false, isLeaving: false).reasons == [.held])
    #expect(limit(.assigned, isHeld: false, isLeaving: true).actions == 0)
    #expect(limit(.assigned, isHeld: false, isLeaving: false).actions != 0)
  }

  @Test func `a mailbox may send when its domain may`() {
    let ill = Self.resource(.emailDomain) { $0.health = SendCounts(sent: 1_000, bounces: 200, complaints: 0) }
    #expect(Self.mailbox(on: ill).actions == 0 && Self.mailbox(on: ill).reasons == [.health])
    let slow = Self.resource(.emailDomain) { $0.health = SendCounts(sent: 1_000, bounces: 35, complaints: 0) }
    #expect(Self.mailbox(on: slow).actions == nil && Self.mailbox(on: slow).reasons == [.health])
    #expect(Self.limit(slow).actions == 35)
    let quarantined = Self.resource(.emailDomain) { $0.status = .quarantined }
    #expect(Self.mailbox(on: quarantined).reasons == [.outOfUse])
    let young = Self.resource(.emailDomain) { $0.warmup = Warmup() }
    #expect(Self.mailbox(on: young).reasons == [.warmupIncomplete] && !Self.mailbox(on: young).isWarmed)
    let unsigned = Self.resource(.emailDomain) { $0.authentication.dkim = .fail }
    #expect(Self.mailbox(on: unsigned).reasons == [.authentication])
  }

  @Test func `under ramp the limit tells when it changes next`() {
    for (days, limit, next) in [(0, 5, 4), (3, 5, 4), (4, 10, 8), (14, 20, 15), (21, 35, 22)] {
      let start = Self.now - .hours(days * 24)
      let domain = Self.resource(.emailDomain) { $0.warmup = Warmup(startedAt: start) }
      let ramp = Self.limit(domain, policy: .ramp)
      #expect(ramp.actions == limit && ramp.changesAt == start + .hours(next * 24), "\(days)")
      #expect(ramp.reasons == [.warmupRamp] && !ramp.isWarmed)
      #expect(Self.limit(domain).changesAt == nil, "only its completion changes it")
    }
    let full = Self.resource(.emailDomain) { $0.warmup = Warmup(startedAt: Self.now - .hours(22 * 24)) }
    #expect(Self.limit(full, policy: .ramp).actions == 50)
    #expect(Self.limit(full, policy: .ramp).changesAt == nil)
    #expect(Self.limit(Self.resource(.emailDomain) { $0.warmup = Warmup() }, policy: .ramp).actions == 5)
  }

  @Test func `a young number or seat acts at once, within its ramp; texts have none`() {
    let start = Self.now - .hours(24)
    let number = Self.resource(.phoneNumber) { $0.warmup = Warmup(startedAt: start) }
    let voice = Self.limit(number, on: .voice)
    #expect(voice.actions == 20 && voice.reasons == [.warmupRamp] && voice.isWarmed)
    #expect(voice.changesAt == start + .hours(3 * 24))
    #expect(Self.limit(number, on: .sms).actions == 100 && Self.limit(number, on: .sms).changesAt == nil)
    #expect(Self.limit(Self.resource(.linkedInSeat) { $0.warmup = Warmup(startedAt: start) }).actions == 5)
  }

  @Test func `an ended campaign does not change`() {
    let campaign = Campaign(
      id: ID(at: Self.now), clientID: ID(at: Self.now), name: CampaignName(unchecked: "Spring"),
      status: .ended, createdAt: Self.now)
    #expect(campaign.applying(CampaignUpdate(status: .active)) == nil)
    #expect(campaign.applying(CampaignUpdate(status: .ended)) == campaign)
    #expect(campaign.applying(CampaignUpdate(name: CampaignName(unchecked: "Autumn"))) == nil)
    var active = campaign
    active.status = .active
    #expect(active.applying(CampaignUpdate(status: .paused))?.status == .paused)
  }

  @Test func `a name is one line of at most 200 scalars`() {
    #expect(CampaignName("Spring 2026") != nil)
    for text in ["", " a", "a ", "a\nb", String(repeating: "x", count: 201)] {
      #expect(CampaignName(text) == nil)
    }
    #expect(CampaignName(String(repeating: "e\u{301}", count: 101)) == nil)
  }
}
