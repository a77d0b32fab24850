import Domain
import JSON

/// The column `provenance`: `{"email": {"source": "apollo", "at": "2026-01-31T09:00:00Z"}}`.
public enum ProvenanceText {
  public static func text(_ provenance: [LeadFactGroup: Provenance]) -> String {
    var groups = JSONMap()
    for (group, known) in provenance {
      var members = JSONMap()
      members["source"] = .string(known.source)
      members["at"] = .string(known.at.description)
      groups[group.rawValue] = .object(members)
    }
    return JSONValue.object(groups).text()
  }

  /// What an SQL user wrote otherwise counts as not known.
  public static func read(_ text: String) throws -> [LeadFactGroup: Provenance] {
    guard let members = try JSONValue(parsing: text).object else { return [:] }
    var provenance: [LeadFactGroup: Provenance] = [:]
    for group in LeadFactGroup.allCases {
      guard let known = members[group.rawValue], let source = known["source"]?.string,
        let at = known["at"]?.string.flatMap({ Timestamp($0) })
      else { continue }
      provenance[group] = Provenance(source: source, at: at)
    }
    return provenance
  }
}
