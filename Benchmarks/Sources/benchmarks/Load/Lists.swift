import Foundation

/// Lists over HTTP, by one connection.
struct Lists {
  let server: Server

  private struct Page: Decodable {
    let nextCursor: String?
  }

  /// What is listed: a name for each path.
  func lists() throws -> [String: String] {
    [
      "a page": "/v1/resources?limit=20",
      "a page of one kind": "/v1/resources?resource_type=email_domain&limit=20",
      "a page of a rare status": "/v1/resources?status=quarantined&limit=1",
      "a page of free seats": "/v1/resources?resource_type=linkedin_seat&status=available&limit=20",
      "a client's resources": "/v1/resources?client_id=\(Inventory.clientText(0))&limit=50",
      "a page deep in the list": "/v1/resources?limit=20&cursor=\(try cursor(afterPages: 9))",
    ]
  }

  /// The median latency in milliseconds.
  func median(_ name: String, seconds: Int) throws -> Double {
    guard let path = try lists()[name] else { preconditionFailure("no such list") }
    return try Wrk(server: server).runWell(WrkScripts.get(path), connections: 1, seconds: seconds).median
      / 1_000
  }

  private func cursor(afterPages pages: Int) throws -> String {
    var cursor: String?
    for _ in 0..<pages {
      let place = cursor.map { "&cursor=\($0)" } ?? ""
      let text = try server.get("/v1/resources?limit=100\(place)")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      cursor = try decoder.decode(Page.self, from: Data(text.utf8)).nextCursor
    }
    guard let cursor else { throw Failure("the list has no \(pages + 1)th page") }
    return cursor
  }
}
