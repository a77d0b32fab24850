import Domain
import Engine
import JSON

extension Campaign: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("client_id", clientID)
      object.field("name", name.text)
      object.field("status", status.rawValue)
      object.field("is_restricted", isRestricted)
      object.field("created_at", createdAt)
    }
  }
}

extension CampaignResource: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("campaign_id", campaignID)
      object.field("client_resource_id", assignmentID)
      object.field("channel", channel.rawValue)
      object.field("resource_id", resource.value.text)
      object.field("resource_pool_id", resource.id)
      object.field("resource_type", resource.kind.rawValue)
      object.field("domain_id", resource.domainID)
      object.field("daily_limit", limit.actions)
      object.field("is_warmed", limit.isWarmed)
      object.field("limited_by", limit.reasons.map(\.rawValue))
      object.field("changes_at", limit.changesAt)
    }
  }
}

extension CampaignUpdate {
  /// The body of `PATCH /v1/campaigns/{campaign_id}`.
  init(_ object: JSONObjectReader) throws {
    let name = object.optional("name", .text(.campaignName))
    let status = object.optional("status", .oneOf as JSONShape<Campaign.Status>)
    self.init(name: try name(), status: try status())
    if self == CampaignUpdate() { object.refuse("expected at least one field") }
  }
}

extension TextShape where Value == CampaignName {
  static var campaignName: TextShape {
    let line = TextShape<String>.line(1...200)
    return TextShape(line.expected) { line.parse($0).flatMap { CampaignName($0) } }
  }
}

extension JSONShape where Value == CampaignSelection {
  /// `"all"`, or ids.
  static var campaignSelection: JSONShape {
    let most = CampaignSelection.most
    return JSONShape<JSONValue>.any.map("\"all\" or an array of 1 to \(most) ids of resources") { value in
      if value.string == "all" { return .all }
      guard let texts = value.array, (1...most).contains(texts.count) else { return nil }
      let ids = texts.compactMap { $0.string.flatMap { ID<Resource>($0) } }
      guard ids.count == texts.count else { return nil }
      var seen: Set<ID<Resource>> = []
      return .only(ids.filter { seen.insert($0).inserted })
    }
  }
}
