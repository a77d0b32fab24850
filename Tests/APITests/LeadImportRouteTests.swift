import Domain
import Engine
import HTTP
import JSON
import Postgres
import Testing
import TestSupport

@testable import API

@Suite(.requiresPostgres, .database(TestDatabase.product)) struct `Imports of leads over HTTP` {
  let world = APIWorld()

  func upload(
    _ text: String, _ query: String = "", type: String = "text/csv", idempotencyKey: String? = nil,
    key: String = APIWorld.operatorKey
  ) async -> Response {
    var headers = [(name: "Authorization", value: "Bearer \(key)"), (name: "Content-Type", value: type)]
    if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
    return await world.send("POST", "/v1/lead-imports\(query)", headers: headers, body: Array(text.utf8))
  }

  static let csv = "Name,Email,Notes\nAda,ada@example.com,x\nEve,not one,\nAda,ADA@example.com,\n"

  @Test func `give verdicts, and are listed, read, reported and undone`() async throws {
    let answer = await upload(Self.csv, "?name=people.csv")
    #expect(answer.status == .ok)
    let run = try answer.json
    #expect(run["verdicts"]?["new"]?.int == 1 && run["verdicts"]?["rejected"]?.int == 1)
    #expect(run["verdicts"]?["duplicate"]?.int == 1 && run["name"]?.string == "people.csv")
    let id = try #require(run["id"]?.string)
    let list = await world.send("GET", "/v1/lead-imports?state=done&kind=file&limit=1")
    #expect(try list.rows == [run])
    #expect(try await world.send("GET", "/v1/lead-imports/\(id)").json == run)
    let report = await world.send("GET", "/v1/lead-imports/\(id)/report")
    let lines = String(decoding: report.body, as: UTF8.self).split(separator: "\n")
    #expect(
      lines.count == 4 && lines[3].hasPrefix("3,duplicate,")
        && report.contentType?.hasPrefix("text/csv") == true)
    #expect(!lines.joined().contains("example.com,"))
    let part = await world.send("GET", "/v1/lead-imports/\(id)/report?verdict=rejected&after_row=1&limit=5")
    #expect(String(decoding: part.body, as: UTF8.self).split(separator: "\n").count == 2)
    let undone = await world.send("POST", "/v1/lead-imports/\(id)/undo", idempotencyKey: "undo")
    #expect(try undone.json["undone"]?["deleted"]?.int == 1)
    let again = await world.send("POST", "/v1/lead-imports/\(id)/undo", idempotencyKey: "undo")
    #expect(again.header("Idempotent-Replayed") == "true" && again.body == undone.body)
    #expect(try await world.pool.value("SELECT count(*)::int4 FROM lead_pool", as: Int32.self) == 0)
  }

  @Test func `take JSON and JSON Lines by their media types, and what the query says`() async throws {
    let json = await upload(
      "{\"people\":[{\"id\":\"a1\",\"email\":\"a@example.com\"}]}", type: "application/json")
    #expect(try json.json["format"]?.string == "json")
    let lines = await upload("{\"id\":\"a1\"}\n{\"id\":\"a2\"}\n", type: "application/x-ndjson")
    #expect(try lines.json["verdicts"]?["unchanged"]?.int == 1)
    let map = "%7B%22Notes%22:%22title%22,%22Name%22:%22%22%7D"
    let rehearsal = await upload(Self.csv, "?map=\(map)&dry_run=true&source=fair&region=GB")
    #expect(try rehearsal.json["is_rehearsal"]?.bool == true && rehearsal.json["source"]?.string == "fair")
    let id = try rehearsal.json["id"]?.string ?? ""
    let refused = await world.send("POST", "/v1/lead-imports/\(id)/undo")
    #expect(refused.status == .conflict && refused.problem == "lead-import-rehearsal")
  }

  @Test func `repeated under a key are one import`() async throws {
    let first = await upload(Self.csv, idempotencyKey: "one")
    let second = await upload(Self.csv, idempotencyKey: "one")
    #expect(second.header("Idempotent-Replayed") == "true" && second.body == first.body)
    let other = await upload(Self.csv + "X,x@example.com,\n", idempotencyKey: "one")
    #expect(other.status == .unprocessable && other.problem == "idempotency-key-reused")
    #expect(try await world.pool.value("SELECT count(*)::int4 FROM lead_imports", as: Int32.self) == 1)
  }

  @Test(arguments: [
    ("", "", "text/csv"), ("Stage,Lists\n1,2\n", "", "text/csv"), ("Email,E-mail\n", "", "text/csv"),
    ("a,b\n", "?format=jsonl", "text/csv"), ("7", "", "application/json"),
    ("Email\n", "?map=%7B%22X%22:%22email%22%7D", "text/csv"),
    ("Email\n", "?map=%7B%22Email%22:%22nothing_known%22%7D", "text/csv"),
  ])
  func `of no such file are refused with a pointer`(text: String, query: String, type: String) async {
    let answer = await upload(text, query, type: type)
    #expect(answer.status == .unprocessable && answer.faults == [""], "\(answer)")
  }

  @Test(arguments: ["format=xml", "dry_run=perhaps", "map=7", "region=usa", "source=", "name="])
  func `with a wrong query are refused by its name`(query: String) async {
    let answer = await upload(Self.csv, "?\(query)")
    let name = query.split(separator: "=")[0]
    #expect(answer.status == .badRequest && answer.faults == [String(name)])
  }

  @Test func `are an operator's matter`() async throws {
    let client = try await world.services.clients.create(
      NewClient(companyName: CompanyName(unchecked: "Ada")), actor: .commandLine)
    guard case .fresh(.created(let ada)) = client else { return }
    let key = try await world.key(.client, of: ada.id)
    #expect(await upload(Self.csv, key: key).status == .forbidden)
    #expect(await world.send("GET", "/v1/lead-imports", key: key).status == .forbidden)
    #expect(await upload(Self.csv, type: "text/html").status == .unsupportedMediaType)
  }

  @Test func `that are not there are not found`() async {
    let nobody = "/v1/lead-imports/019aa777-0000-7000-8000-000000000000"
    for (method, target) in [("GET", nobody), ("GET", nobody + "/report"), ("POST", nobody + "/undo")] {
      #expect(await world.send(method, target).status == .notFound)
    }
    #expect(await world.send("GET", "/v1/lead-imports/7").status == .badRequest)
  }
}
