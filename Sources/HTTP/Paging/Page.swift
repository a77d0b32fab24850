import JSON

/// Which part of a list is asked for. A route that pages declares `PageRequest.parameters` in its query.
public struct PageRequest: Sendable, Equatable {
  /// 1 to 1000.
  public let limit: Int
  /// The key of the last row already shown; nil: from the start.
  public let after: [String]?
  private let list: String

  public static let parameters = ["limit", "cursor"]

  public init(list: String, limit: Int = 100, after: [String]? = nil) {
    precondition((1...1000).contains(limit))
    self.list = list
    self.limit = limit
    self.after = after
  }

  /// How many rows to fetch: one more than shown, to learn whether there is a next page.
  public var fetch: Int { limit + 1 }

  /// Cuts what was fetched down to the page, and names the next one by the key of the last row shown.
  public func page<Row>(_ fetched: [Row], key: (Row) -> [String]) -> Page<Row> {
    guard fetched.count > limit, let last = fetched.prefix(limit).last else {
      return Page(rows: fetched, nextCursor: nil)
    }
    return Page(rows: Array(fetched.prefix(limit)), nextCursor: Cursor(list: list, key: key(last)).text)
  }
}

public struct Page<Row> {
  public let rows: [Row]
  /// Nil at the end of the list.
  public let nextCursor: String?

  /// `{"data": […], "next_cursor": …}`
  public func response(_ write: (inout JSONWriter, Row) -> Void) -> Response {
    .json(capacity: 64 + rows.count * 256) { writer in
      writer.object { object in
        object.array("data") { data in
          for row in rows { write(&data, row) }
        }
        object.field("next_cursor", nextCursor)
      }
    }
  }
}

extension Page: Sendable where Row: Sendable {}

extension QueryReader {
  /// Reads `limit` and `cursor`. The cursor must be of this list and have so many key columns; an empty one
  /// means the first page.
  public func page(of list: String, keys: Int) -> Checked<PageRequest> {
    let limit = optional("limit", .int(1...1000), default: 100)
    let shape = TextShape<[String]?>("a cursor of this list") { text in
      if text.isEmpty { return .some(nil) }
      guard let cursor = Cursor(text), cursor.list == list, cursor.key.count == keys else { return nil }
      return cursor.key
    }
    let after = optional("cursor", shape)
    do {
      return Checked(PageRequest(list: list, limit: try limit(), after: try after() ?? nil))
    } catch {
      return Checked(nil)
    }
  }
}
