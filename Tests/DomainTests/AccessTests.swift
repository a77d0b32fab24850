import Domain
import Testing

@Suite struct `Access` {
  let `operator` = Principal(keyID: nil, role: .operator, clientID: nil)!
  let reader = Principal(keyID: ID(high: 9, low: 1), role: .client, clientID: someClient)!
  let sender = Principal(keyID: ID(high: 9, low: 2), role: .sender, clientID: someClient)!

  @Test(arguments: Permission.allCases)
  func `operators may do everything`(permission: Permission) {
    #expect(`operator`.allows(permission, on: nil))
    #expect(`operator`.allows(permission, on: someClient))
  }

  @Test(arguments: Permission.allCases)
  func `clients read what is theirs and use its leases`(permission: Permission) {
    let own: Set<Permission> = [
      .readPools, .readNumbers, .readLeases, .useLeases, .readClients, .readAlerts, .readResources,
      .readTiers, .readSubscriptions, .readCampaigns, .manageCampaigns, .readPermits, .usePermits,
      .readProfiles, .manageProfiles, .readLeadAssignments, .changeLeadAssignments,
      .readSuppressions, .manageSuppressions, .reportLeadEvents, .readOwnLeads, .readTemplates,
      .manageTemplates,
    ]
    #expect(reader.allows(permission, on: someClient) == own.contains(permission))
  }

  @Test(arguments: Permission.allCases)
  func `senders use the leases of their client`(permission: Permission) {
    let own: Set<Permission> = [
      .readPools, .readLeases, .useLeases, .readPermits, .usePermits, .reportLeadEvents,
    ]
    #expect(sender.allows(permission, on: someClient) == own.contains(permission))
  }

  @Test(arguments: Permission.allCases)
  func `neither reaches another client, or what is no client's`(permission: Permission) {
    for principal in [reader, sender] {
      #expect(!principal.allows(permission, on: otherClient))
      #expect(!principal.allows(permission, on: nil))
    }
  }

  @Test func `an operator has no client and the others have one`() {
    #expect(Principal(keyID: nil, role: .operator, clientID: someClient) == nil)
    #expect(Principal(keyID: nil, role: .client, clientID: nil) == nil)
    #expect(Principal(keyID: nil, role: .sender, clientID: nil) == nil)
  }
}
