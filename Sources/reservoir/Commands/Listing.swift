import Terminal

extension Option {
  /// How many entries a list shows.
  static let limit = Option.value("limit", "N", "The most entries to show.", default: "100")
}

extension CommandContext {
  /// Gathers pages until there are as many entries as `--limit` allows, and says on `err` if there are more.
  ///
  /// - Parameter page: the entries after one, at most so many.
  func gather<Entry>(
    _ page: (_ last: Entry?, _ limit: Int) async throws -> [Entry]
  ) async throws -> [Entry] {
    let limit = try invocation.integer("limit", in: 1...10_000_000)
    var entries: [Entry] = []
    while entries.count <= limit {
      let wanted = min(1_000, limit + 1 - entries.count)
      let next = try await page(entries.last, wanted)
      entries += next
      if next.count < wanted { return entries }
    }
    console.note("There are more; --limit N shows them.")
    return Array(entries.prefix(limit))
  }
}
