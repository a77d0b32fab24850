/// The right of a client over a resource, from its beginning to its release; here only for its id.
public enum ClientAssignment {}

/// What a campaign has: a resource of its client on one channel, and what that may do now.
public struct CampaignResource: Hashable, Sendable {
  public let campaignID: ID<Campaign>
  public let assignmentID: ID<ClientAssignment>
  public let channel: Channel
  public let resource: Resource
  public let limit: CampaignLimit

  public init(
    campaignID: ID<Campaign>, assignmentID: ID<ClientAssignment>, channel: Channel, resource: Resource,
    limit: CampaignLimit
  ) {
    self.campaignID = campaignID
    self.assignmentID = assignmentID
    self.channel = channel
    self.resource = resource
    self.limit = limit
  }
}
