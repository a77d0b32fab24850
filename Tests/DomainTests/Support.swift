import Domain

/// The instant of an RFC 3339 text that is known to be right.
func at(_ text: String) -> Timestamp { Timestamp(text)! }

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

let noon = at("2026-03-04T12:00:00Z")
let company = CompanyName("My Reverse Options")!
let someClient = ID<Client>(high: 1, low: 1)
let otherClient = ID<Client>(high: 1, low: 2)

func lead(_ number: UInt64) -> ID<Lead> { ID(high: 2, low: number) }

/// A lease from noon on under term 3.
func lease(
  id: UInt64 = 1, of leadID: ID<Lead> = lead(1), on providerID: String = "pn-1",
  leasedAt: Timestamp = noon, releaseAt: Timestamp? = nil, appointmentAt: Timestamp? = nil,
  lastOutcome: CallOutcome.Kind? = nil, missedCalls: Int = 0, endedAt: Timestamp? = nil
) -> Lease {
  Lease(
    id: ID(high: 3, low: id), term: 3, number: PhoneNumber(unchecked: "+14244851544"),
    providerNumberID: ProviderNumberID(providerID)!, clientID: someClient, company: company, leadID: leadID,
    leasedAt: leasedAt, releaseAt: releaseAt ?? leasedAt + LeaseRule.baseHold, appointmentAt: appointmentAt,
    lastOutcome: lastOutcome, missedCalls: missedCalls, endedAt: endedAt,
    endReason: endedAt == nil ? nil : .released)
}

/// A free number of some client's pool, or one with a lease until `releaseAt`.
func number(
  _ providerID: String, e164: String = "+14244851544", usedAt: Timestamp? = nil, leaseID: UInt64? = nil,
  releaseAt: Timestamp? = nil, status: PhoneNumberStatus = .active, territories: [String] = [],
  term: Int64 = 7
) -> PooledNumber {
  PooledNumber(
    providerNumberID: ProviderNumberID(providerID)!, number: PhoneNumber(unchecked: e164), name: providerID,
    clientID: someClient, company: company, status: status, territories: territories,
    assignmentStatus: leaseID == nil ? .available : .assigned, assignedAt: usedAt, releaseAt: releaseAt,
    leaseID: leaseID.map { ID(high: 3, low: $0) }, term: term)
}
