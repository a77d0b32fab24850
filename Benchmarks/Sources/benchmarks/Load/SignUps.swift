import Foundation

/// The same command for client after client, by curl over connections that it keeps.
struct SignUps {
  let server: Server

  struct Run {
    /// Of the whole run.
    let seconds: Double
    /// Of each request, in seconds.
    let times: [Double]
  }

  /// - Throws: if any of them was not answered with 200 or 201.
  func post(_ clients: Int, _ command: String, _ body: String, parallel: Int) throws -> Run {
    let quoted = body.replacingOccurrences(of: "\"", with: "\\\"")
    let requests = (0..<clients).map { client in
      """
      url = "\(server.url)/v1/clients/\(Inventory.clientText(client))/\(command)"
      request = "POST"
      header = "Authorization: Bearer \(Server.key)"
      header = "Content-Type: application/json"
      data = "\(quoted)"
      output = "/dev/null"
      write-out = "%{http_code} %{time_total}\\n"
      """
    }
    let file = try server.scratch.write(requests.joined(separator: "\nnext\n"), "curl.config")
    var options = ["-sS", "-K", file]
    if parallel > 1 { options += ["--parallel", "--parallel-max", "\(parallel)"] }
    let start = Date()
    let output = try Program.run(Machine.program("curl"), options, in: server.scratch)
    let seconds = Date().timeIntervalSince(start)
    let answers = output.split(separator: "\n").map { $0.split(separator: " ") }
    let times = answers.compactMap { words in
      ["200", "201"].contains(words.first.map(String.init)) ? words.last.flatMap { Double($0) } : nil
    }
    guard times.count == clients else {
      throw Failure("\(clients - times.count) of \(clients) commands were refused")
    }
    return Run(seconds: seconds, times: times)
  }
}
