import Glibc
import JSON
import TestSupport
import Testing

/// A pool of numbers, its callers and their auditor, over any number of servers on one database.
struct ProofWorld {
  static let company = "Proof LLC"
  /// How much longer than in `./test` everything goes on: `RESERVOIR_PROOF_SCALE=20 ./test --filter Proof`.
  static let scale = getenv("RESERVOIR_PROOF_SCALE").flatMap { Int(String(cString: $0)) } ?? 1

  let conninfo: String
  let auditor = Auditor()
  let ports: Ports
  let leads: [String]

  /// Fills the database.
  init(conninfo: String, ports: [UInt16], numbers: Int, leads: Int) async throws {
    self.conninfo = conninfo
    self.ports = Ports(ports)
    try await Admin.execute(
      """
      INSERT INTO clients (company_name) VALUES ('\(Self.company)');
      INSERT INTO signalwire_phone_numbers (vapi_phone_number_id, number, name, assigned_broker_company)
      SELECT 'proof-' || i, '+1424' || (5550000 + i), 'number ' || i, '\(Self.company)'
      FROM generate_series(1, \(numbers)) AS i
      """, on: conninfo)
    let rows = try await Admin.execute(
      "INSERT INTO leads (id) SELECT uuid_v7() FROM generate_series(1, \(leads)) RETURNING id", on: conninfo)
    self.leads = rows.compactMap(\.first).compactMap { $0 }
  }

  /// Lets callers work, each on a thread of its own and with leads of its own, while `body` goes on; then
  /// each ends what it has begun.
  func underLoad<R: Sendable>(
    callers: Int, expectsOutages: Bool = false, _ body: () async throws -> R
  ) async throws -> R {
    let share = leads.count / callers
    let work = (0..<callers).map { index in
      let caller = LeaseCaller(
        auditor: auditor, ports: ports, company: Self.company,
        leads: Array(leads[index * share..<(index + 1) * share]), index: index,
        holdsOn: index.isMultiple(of: 3), expectsOutages: expectsOutages)
      return Task { try await onThread { caller.run() } }
    }
    let result: Result<R, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    auditor.stop()
    for work in work { try await work.value }
    return try result.get()
  }

  // MARK: What must hold

  /// `reservoir check` finds nothing.
  func expectCheckIsClean() async throws {
    let check = try await LiveServer.command(["check", "--database-url", conninfo])
    #expect(check.status == .code(0), "\(check.output)")
  }

  /// Every acknowledged lease is there as its client was told, ended if its client was told so, and only if
  /// its client let it go.
  func expectPresent(_ grants: [Auditor.Grant], on port: UInt16) async throws {
    let auditor = auditor
    let faults = try await onThread {
      let connection = HTTPConnection(port: port, headers: LiveServer.authorization)
      return try grants.compactMap { grant in
        let answer = try connection.send("GET", "/v1/leases/\(grant.id)")
        guard let lease = try? JSONValue(parsing: answer.body), answer.status == 200 else {
          return "lease \(grant.id): \(answer.status)"
        }
        let isSame =
          lease["number"]?.string == grant.number && lease["lead_id"]?.string == grant.lead
          && lease["term"]?.int == grant.term
        let hasEnded = lease["ended_at"]?.string != nil
        let isAllowed = hasEnded ? auditor[grant.id]?.releaseSent != nil : !grant.isReleased
        return isSame && isAllowed ? nil : "lease \(grant.id) is another one by now: \(answer.text)"
      }
    }
    #expect(faults == [])
  }

  /// The ledger knows the leases that clients know, and no other: nothing was lost, nothing was done twice.
  func expectLedgerAgrees() async throws {
    let rows = try await Admin.execute(
      "SELECT lease_id FROM phone_number_ledger WHERE kind = 'leased'", on: conninfo)
    let written = Set(rows.compactMap { $0.first ?? nil })
    let told = Set(auditor.grants.map(\.id))
    #expect(written.count == rows.count)
    #expect(told.subtracting(written) == [], "acknowledged and lost")
    #expect(written.subtracting(told) == [], "leased, and nobody knows it")
  }

  /// The same key asks for the same lease, also when it has long been released.
  func expectReplays(_ grants: [Auditor.Grant], on port: UInt16) async throws {
    let faults = try await onThread {
      let connection = HTTPConnection(port: port, headers: LiveServer.authorization)
      return try grants.compactMap { grant in
        let body = #"{"company":"\#(Self.company)","lead_id":"\#(grant.lead)"}"#
        let answer = try connection.send(
          "POST", "/v1/leases", headers: [("Idempotency-Key", grant.key)], json: body)
        let isReplay = answer.status == 201 && answer["idempotent-replayed"] == "true"
        return isReplay && LeaseCaller.lease(in: answer, grant.key)?.id == grant.id
          ? nil : "key of \(grant.id): \(answer.status) \(answer.text)"
      }
    }
    #expect(faults == [])
  }

  /// What is true of every run at its end.
  func expectWhole(on port: UInt16) async throws {
    #expect(auditor.findings == [])
    try await expectLedgerAgrees()
    try await expectPresent(auditor.grants.suffix(500), on: port)
    try await expectReplays(auditor.grants.suffix(100), on: port)
    try await expectCheckIsClean()
  }
}
