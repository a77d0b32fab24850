import Foundation

/// Lists over HTTP, by one connection.
struct Lists {
  let server: Server
  /// How many there are.
  let resources: Int

  private struct Page: Decodable {
    let nextCursor: String?
  }

  /// What is listed: a name for each path.
  func lists() throws -> [String: String] {
    [
      "a page": "/v1/resources?limit=20",
      "a page of one kind": "/v1/resources?resource_type=email_domain&limit=20",
      "a page of a rare status": "/v1/resources?status=quarantined&limit=3",
      "a page of free seats": "/v1/resources?resource_type=linkedin_seat&status=available&limit=20",
      "a client's resources": "/v1/resources?client_id=\(Inventory.clientText(0))&limit=50",
      "a page deep in the list": "/v1/resources?limit=20&cursor=\(try deepCursor())",
    ]
  }

  /// The median latency in milliseconds.
  func median(_ path: String, seconds: Int) throws -> Double {
    try Wrk(server: server).runWell(WrkScripts.get(path), connections: 1, seconds: seconds).median
      / 1_000
  }

  /// The place behind nine tenths of the list.
  private func deepCursor() throws -> String {
    let page = min(1_000, resources / 10)
    var cursor: String?
    for _ in 0..<(resources * 9 / 10 / page) {
      let place = cursor.map { "&cursor=\($0)" } ?? ""
      let text = try server.get("/v1/resources?limit=\(page)\(place)")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      cursor = try decoder.decode(Page.self, from: Data(text.utf8)).nextCursor
      guard cursor != nil else { throw Failure("the list ends before nine tenths of it") }
    }
    return cursor ?? ""
  }
}
