import Domain
import Postgres

/// One question to the tables, of which the answer should be nothing.
public struct Check: Hashable, Sendable {
  /// Lower case with hyphens; stable, for scripts.
  public let name: String
  /// Of DESIGN §2.
  public let invariant: Int
  /// What holds when the check is clean, as a sentence.
  public let rule: String
  /// What the first column of `sql` names.
  let subject: Subject
  /// Gives a row for each violation: number_id or resource_id, lease_id, lead_id, client_id, detail.
  /// It may read `instant.now`. Empty where SQL alone cannot tell.
  let sql: String

  /// Of a lead the third column tells.
  enum Subject: Sendable { case number, resource, lead }

  init(name: String, invariant: Int, rule: String, about subject: Subject = .number, sql: String) {
    self.name = name
    self.invariant = invariant
    self.rule = rule
    self.subject = subject
    self.sql = sql
  }
}

/// Something that must never be. Ids only: no phone number, name or address.
public struct Violation: Hashable, Sendable {
  public let numberID: ProviderNumberID?
  public let resourceID: ID<Resource>?
  public let leaseID: ID<Lease>?
  public let leadID: ID<Lead>?
  public let clientID: ID<Client>?
  public let detail: String

  public init(
    numberID: ProviderNumberID? = nil, resourceID: ID<Resource>? = nil, leaseID: ID<Lease>? = nil,
    leadID: ID<Lead>? = nil, clientID: ID<Client>? = nil, detail: String
  ) {
    self.numberID = numberID
    self.resourceID = resourceID
    self.leaseID = leaseID
    self.leadID = leadID
    self.clientID = clientID
    self.detail = detail
  }
}

public enum CheckStore {
  /// How many there are, and the first `limit` of them.
  public static func violations(
    of check: Check, limit: Int, now: Timestamp, in transaction: inout Transaction
  ) throws -> (count: Int, violations: [Violation]) {
    // The ledger is joined and sorted as a whole: more memory than a small statement gets, for this one.
    transaction.enqueue("SET LOCAL work_mem = '64MB'")
    let rows = try transaction.query(
      """
      WITH instant (now) AS (SELECT \(now)),
        violation (subject_id, lease_id, lead_id, client_id, detail) AS (\(unescaped: check.sql))
      SELECT subject_id::text, lease_id::uuid, lead_id::uuid, client_id::uuid, detail::text,
        count(*) OVER () AS count
      FROM violation LIMIT \(limit)
      """)
    let count: Int = try rows.first?.decode("count") ?? 0
    return (
      count,
      try rows.map { row in
        Violation(
          numberID: check.subject == .number ? try row.decode("subject_id") : nil,
          resourceID: check.subject == .resource
            ? try row.decode("subject_id", as: String?.self).flatMap(ID<Resource>.init) : nil,
          leaseID: try row.decode("lease_id"),
          leadID: try row.decode("lead_id"), clientID: try row.decode("client_id"),
          detail: try row.decode("detail"))
      }
    )
  }
}
