import Foundation

/// Lists and searches of leads over HTTP, by one connection.
struct LeadPages {
  let server: Server
  let database: Database
  /// A client that has a few thousand leads.
  let client: String
  let leads: Int

  struct Page {
    let name: String
    let script: String
  }

  private static func search(_ name: String, _ body: String) -> Page {
    Page(name: name, script: WrkScripts.post("/v1/leads/search", body))
  }

  func pages() throws -> [Page] {
    let cursor = try middle()
    func field(_ name: String, _ value: String) -> String { #"{"field":"\#(name)","any_of":["\#(value)"]}"# }
    return [
      Page(name: "a page of the list", script: WrkScripts.get("/v1/leads?limit=50")),
      Self.search("a page of all", "{}"),
      Self.search("a page deep in all", #"{"cursor":"\#(cursor)"}"#),
      Self.search("a page of a company", #"{"where":[\#(field("company_domain", "company777.example"))]}"#),
      Self.search(
        "a page of a rare technology", #"{"where":[\#(field("company_technologies", "tech 599"))]}"#),
      Self.search("a page of a large country", #"{"where":[\#(field("country", "united states"))]}"#),
      Self.search(
        "a page of a rare and a frequent thing",
        #"{"where":[\#(field("country", "Malta")),\#(field("seniority", "entry"))]}"#),
      Self.search(
        "a page deep in a common filter",
        #"{"where":[\#(field("seniority", "vp"))],"cursor":"\#(cursor)"}"#),
      Self.search("a page of a rare word", #"{"text":"falcon"}"#),
      Self.search("a page of a common word", #"{"text":"sales"}"#),
      Self.search("a page of two words", #"{"text":"okafor growth"}"#),
      Self.search("a page of a word in the middle", #"{"text":"analyst","cursor":"\#(cursor)"}"#),
      Self.search(
        "a page of a range without an index",
        #"{"where":[{"field":"company_employees","min":9900}],"is_assigned":false}"#),
      Self.search(
        "a page without anything to find", #"{"where":[{"field":"company_founded_year","max":1900}]}"#),
      Self.search("a page of a client's leads", #"{"client_id":"\#(client)","text":"sales"}"#),
      Self.search("one lead by its address", #"{"where":[\#(field("email", "nobody@example.com"))]}"#),
      Self.search("a page with its count", #"{"where":[\#(field("country", "Norway"))],"count":true}"#),
    ]
  }

  /// The median latency in milliseconds.
  func median(_ page: Page, seconds: Int) throws -> Double {
    try Wrk(server: server).runWell(page.script, connections: 1, seconds: seconds).median / 1_000
  }

  /// The cursor behind the newer half: that of a search for two leads in the middle, of which one is shown.
  private func middle() throws -> String {
    struct Answer: Decodable {
      let nextCursor: String?
    }
    let emails = try database.run("SELECT email FROM lead_pool ORDER BY id OFFSET \(leads / 2) LIMIT 2")
    let wanted = emails.split(separator: "\n").map { #""\#($0)""# }.joined(separator: ",")
    let text = try server.post(
      "/v1/leads/search", #"{"limit":1,"where":[{"field":"email","any_of":[\#(wanted)]}]}"#)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let cursor = try decoder.decode(Answer.self, from: Data(text.utf8)).nextCursor else {
      throw Failure("no cursor in the middle of the leads")
    }
    return cursor
  }
}
