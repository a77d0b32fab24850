import Domain
import JSON

/// How a file of leads is read; kept with the import, so that a run goes on as it began.
public struct LeadFileOptions: Hashable, Sendable {
  /// Column and field; an empty field ignores the column.
  public var wishes: [Wish]
  /// Numbers without a plus are of this country, ISO 3166.
  public var region: String
  /// When the source knew what the file says; nil: when the import began.
  public var asOf: Timestamp?

  public struct Wish: Hashable, Sendable {
    public let column: String
    public let field: String

    public init(column: String, field: String) {
      self.column = column
      self.field = field
    }

    /// `Header=field`. Nil without a `=`, or with nothing before it.
    public init?(_ text: String) {
      guard let place = text.lastIndex(of: "=") else { return nil }
      column = text[..<place].trimmed
      field = text[text.index(after: place)...].trimmed
      guard !column.isEmpty else { return nil }
    }
  }

  public init(wishes: [Wish] = [], region: String = "US", asOf: Timestamp? = nil) {
    self.wishes = wishes
    self.region = region
    self.asOf = asOf
  }

  /// As it is kept.
  public var text: String {
    String(
      decoding: JSON.write { writer in
        writer.object { object in
          object.object("map") { map in
            for wish in wishes { map.field(named: wish.column, wish.field) }
          }
          object.field("region", region)
          object.field("as_of", asOf?.description)
        }
      }, as: UTF8.self)
  }

  /// What was kept; what is missing is as usual.
  public init(text: String) {
    let members = try? JSONValue(parsing: text)
    var wishes: [Wish] = []
    if let map = members?["map"]?.object {
      for (column, field) in map { wishes.append(Wish(column: column, field: field.string ?? "")) }
    }
    self.init(
      wishes: wishes.sorted { $0.column < $1.column }, region: members?["region"]?.string ?? "US",
      asOf: members?["as_of"]?.string.flatMap { Timestamp($0) })
  }
}

extension Substring {
  fileprivate var trimmed: String { String(self).trimmed }
}
