import Domain
import Store

/// The verdicts of an import as CSV (RFC 4180). Nothing personal stands in it.
public enum LeadImportReport {
  public static let heading = "row,verdict,lead_id,earlier_row,conflict_id,detail,undone\n"

  public static func line(_ row: LeadImportRow) -> String {
    let fields = [
      "\(row.row)", row.verdict.rawValue, row.leadID?.description, row.earlierRow.map(String.init),
      row.conflictID?.description, row.detail.map(quoted), row.undone?.rawValue,
    ]
    return fields.map { $0 ?? "" }.joined(separator: ",") + "\n"
  }

  public static let collisionHeading = "row,lead_id,client_id,kept_by,outcome\n"

  public static func line(_ collision: LeadMigrationStore.Collision) -> String {
    let fields = [
      "\(collision.row)", collision.leadID?.description ?? "", collision.clientID.description,
      collision.keeperID?.description ?? "", collision.outcome.rawValue,
    ]
    return fields.joined(separator: ",") + "\n"
  }

  private static func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
}
