import Glibc
import JSON
import Synchronization
import TestSupport

/// Where servers listen; nil while one is down.
final class Ports: Sendable {
  private let ports: Mutex<[UInt16?]>
  init(_ ports: [UInt16?]) { self.ports = Mutex(ports) }
  subscript(index: Int) -> UInt16? {
    get { ports.withLock { $0[index % $0.count] } }
    set { ports.withLock { $0[index % $0.count] = newValue } }
  }
}

/// A client that leases and releases, from one thread, and tells the auditor what it was told.
///
/// It repeats a request with its `Idempotency-Key` until it gets a definite answer, as clients should.
struct LeaseCaller {
  /// What may come between a request and its answer.
  enum Outages {
    /// Not even 503.
    case none
    /// Servers that stop in good order: what had an effect was answered.
    case stops
    /// Then what was not answered may have been done.
    case crashes
  }

  let auditor: Auditor
  let ports: Ports
  let company: String
  /// Its own, one after the other: nobody else asks for them.
  let leads: [String]
  let index: Int
  /// Whether it keeps a lease until it has the next one.
  var holdsOn = false
  var outages = Outages.none
  /// How long a definite answer may take.
  var patience: Duration = .seconds(60)

  /// Until the auditor says stop.
  func run() {
    var line = Line(ports: ports, index: index)
    var held: [Auditor.Grant] = []
    var round = 0
    while !auditor.isOver {
      let lease = lease(leads[round % leads.count], "caller-\(index)-\(round)", on: &line)
      if let lease {
        auditor.granted(lease)
        held.append(lease)
      }
      // Where there is no number, nobody keeps one from the others.
      if held.count > (holdsOn && lease != nil ? 1 : 0) { release(held.removeFirst(), on: &line) }
      round += 1
      auditor.awaitTurn()
    }
    for lease in held { release(lease, on: &line) }
  }

  private func release(_ lease: Auditor.Grant, on line: inout Line) {
    auditor.releasing(lease.id)
    let path = "/v1/leases/\(lease.id)?term=\(lease.term)"
    let before = line.interruptions
    guard let answer = insist(on: &line, { try $0.send("DELETE", path) }) else { return }
    let body = try? JSONValue(parsing: answer.body)
    // Only a release of which the answer was lost may come too late.
    let isRepeated = outages == .crashes && line.interruptions > before
    let isApplied = body?["applied"]?.bool == true || isRepeated
    guard answer.status == 200, isApplied, body?["lease"]?["ended_at"]?.string != nil else {
      return auditor.fault("DELETE got \(answer.status): \(answer.text)")
    }
    auditor.released(lease.id)
  }

  private func lease(_ lead: String, _ key: String, on line: inout Line) -> Auditor.Grant? {
    let body = #"{"company":"\#(company)","lead_id":"\#(lead)"}"#
    let answer = insist(on: &line) {
      try $0.send("POST", "/v1/leases", headers: [("Idempotency-Key", key)], json: body)
    }
    guard let answer, answer.status != 409 else { return nil }
    guard answer.status == 201, let lease = Self.lease(in: answer, key), lease.lead == lead else {
      auditor.fault("POST got \(answer.status): \(answer.text)")
      return nil
    }
    if outages != .crashes, answer["idempotent-replayed"] != nil {
      auditor.fault("lease \(lease.id) was granted without an answer")
    }
    return lease
  }

  static func lease(in answer: HTTPAnswer, _ key: String) -> Auditor.Grant? {
    guard let lease = try? JSONValue(parsing: answer.body), let id = lease["id"]?.string,
      let number = lease["number"]?.string, let term = lease["term"]?.int, let lead = lease["lead_id"]?.string
    else { return nil }
    return Auditor.Grant(id: id, number: number, term: term, lead: lead, key: key)
  }

  /// Sends until there is an answer other than 503.
  private func insist(
    on line: inout Line, _ send: (HTTPConnection) throws -> HTTPAnswer
  ) -> HTTPAnswer? {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
      do {
        let answer = try send(try line.connection())
        guard answer.status == 503 else { return answer }
        if answer["retry-after"] == nil { auditor.fault("503 without Retry-After") }
      } catch is Socket.Failure {
        line.hangUp()
      } catch is Line.Down {
      } catch {
        auditor.fault("\(error)")
        line.hangUp()
      }
      line.interruptions += 1
      auditor.interrupted()
      if outages == .none { auditor.fault("interrupted without an outage") }
      usleep(20_000)
    }
    auditor.fault("no definite answer within \(patience)")
    return nil
  }
}

/// A caller's connection, made anew when its server was.
struct Line {
  struct Down: Error {}

  let ports: Ports
  let index: Int
  /// How often a request had to be sent again.
  var interruptions = 0
  private var open: (port: UInt16, connection: HTTPConnection)?

  init(ports: Ports, index: Int) {
    self.ports = ports
    self.index = index
  }

  mutating func connection() throws -> HTTPConnection {
    guard let port = ports[index] else { throw Down() }
    if let open, open.port == port { return open.connection }
    let connection = HTTPConnection(port: port, headers: LiveServer.authorization)
    open = (port, connection)
    return connection
  }

  mutating func hangUp() { open = nil }
}
