import Foundation

/// A `reservoir serve`, from its start until it is told to stop.
final class Server {
  static let key = "benchmarks-operator-key-0123456789abcdef"

  let scratch: Scratch
  let url: String
  private let program: Program

  /// Starts it and waits until it is ready.
  /// - Parameter place: `--data-dir DIRECTORY` or `--database-url URL`.
  init(_ reservoir: String, _ place: [String], in scratch: Scratch) throws {
    self.scratch = scratch
    let port = try Self.freePort()
    url = "http://127.0.0.1:\(port)"
    // Jobs run when a row says so, not in the middle of another one.
    let options = [
      "--listen", "127.0.0.1:\(port)", "--log-level", "warning", "--log-format", "json",
      "--sweep-interval", "24h", "--request-timeout", "10m",
    ]
    program = try Program(
      reservoir, ["serve"] + place + options, in: scratch, environment: ["RESERVOIR_API_KEY": Self.key])
    let deadline = Date(timeIntervalSinceNow: 120)
    while (try? get("/readyz")) == nil {
      guard program.isRunning, Date() < deadline else {
        program.stop()
        throw Failure("reservoir serve did not get ready: \(program.complaint)")
      }
      usleep(100_000)
    }
  }

  deinit { program.stop() }

  func stop() { program.stop() }

  /// Resident kilobytes: `VmRSS` now, `VmHWM` at the most so far. PostgreSQL is not in it.
  func memory(_ field: String) throws -> Double {
    let text = Machine.field(field, in: "/proc/\(program.id)/status") ?? ""
    guard let kilobytes = text.split(separator: " ").first.flatMap({ Double($0) }) else {
      throw Failure("\(field) of the server cannot be read; has it died? \(program.complaint)")
    }
    return kilobytes
  }

  @discardableResult
  func get(_ path: String) throws -> String {
    try Program.run(
      Machine.program("curl"), ["-fsS", "-m", "5", "-H", "Authorization: Bearer \(Self.key)", url + path],
      in: scratch)
  }

  func post(_ path: String, _ body: String) throws -> String {
    try Program.run(
      Machine.program("curl"),
      [
        "-fsS", "-m", "30", "-H", "Authorization: Bearer \(Self.key)", "-H", "Content-Type: application/json",
        "-d", body, url + path,
      ], in: scratch)
  }

  struct JobRun: Decodable {
    let processed: Int
    let startedAt: String
    let finishedAt: String
  }

  /// Starts a job; the answer comes when it is done.
  func startJob(_ name: String) throws -> () throws -> JobRun {
    let address = "\(url)/v1/jobs/\(name)/run"
    let curl = try Program(
      Machine.program("curl"),
      ["-sS", "--fail-with-body", "-X", "POST", "-H", "Authorization: Bearer \(Self.key)", address],
      in: scratch)
    return {
      let answer = try curl.wait()
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(JobRun.self, from: Data(answer.utf8))
    }
  }

  /// A port that nobody listens on at the moment.
  private static func freePort() throws -> Int {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0
      }
    }
    guard bound else { throw Failure("no port is free") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
