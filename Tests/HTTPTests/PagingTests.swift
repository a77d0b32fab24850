import HTTP
import JSON
import Testing

@Suite struct PagingTests {
  private let router = Router(sampleRoutes())

  private func page(_ query: String) async -> Response { await router.respond("GET", "/things?" + query) }

  @Test func `pages follow one another without gap, and the last has no next`() async throws {
    var cursor: String?
    var seen: [Int] = []
    var pages = 0
    repeat {
      let response = await page("limit=100" + (cursor.map { "&cursor=" + $0 } ?? ""))
      let json = try JSONValue(parsing: response.body)
      seen += (json["data"]?.array ?? []).compactMap(\.int)
      cursor = json["next_cursor"]?.string
      pages += 1
      #expect((cursor == nil) == (json["next_cursor"] == JSONValue.null))
    } while cursor != nil && pages < 10
    #expect(seen == Array(1...250))
    #expect(pages == 3)
  }

  @Test func `a page that ends exactly at the end has no next`() async throws {
    let response = await page("limit=250")
    #expect(try JSONValue(parsing: response.body)["next_cursor"] == JSONValue.null)
  }

  @Test func `a cursor that was changed anywhere is refused, an empty one is the first page`() async throws {
    let good = Cursor(list: "things", key: ["100"]).text
    #expect(await page("cursor=" + good).status == .ok)
    for index in good.indices {
      let other: Character = good[index] == "A" ? "B" : "A"
      let changed = good.replacingCharacters(at: index, with: other)
      #expect(await page("cursor=" + changed).status == .badRequest)
    }
    #expect(await page("cursor=" + good.dropLast()).status == .badRequest)
    #expect(await page("cursor=").status == .ok, "an empty cursor is the first page")
  }

  @Test func `a cursor of another list or with other keys is refused`() async {
    #expect(await page("cursor=" + Cursor(list: "other", key: ["1"]).text).status == .badRequest)
    #expect(await page("cursor=" + Cursor(list: "things", key: ["1", "2"]).text).status == .badRequest)
  }

  @Test(arguments: ["0", "1001", "-1", "x", "1.0", "+1", "01", "", "99999999999999999999"])
  func `a limit outside 1 to 1000 is refused`(limit: String) async {
    #expect(await page("limit=\(limit)").status == .badRequest)
  }

  @Test(arguments: [[], ["a"], ["é\"\\", ""], ["2025-01-01T00:00:00Z", "0197"]])
  func `a cursor survives its text`(key: [String]) {
    #expect(Cursor(Cursor(list: "l", key: key).text) == Cursor(list: "l", key: key))
  }
}

extension String {
  fileprivate func replacingCharacters(at index: Index, with character: Character) -> String {
    String(self[..<index]) + String(character) + String(self[self.index(after: index)...])
  }
}
