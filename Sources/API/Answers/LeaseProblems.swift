import Domain
import Engine
import HTTP
import JSON

extension Problem {
  /// 404 with names that an operator may have meant.
  static func unknownCompany(_ pool: PoolReference, similar: [String]) -> Problem {
    let detail =
      switch pool {
      case .company(let name): "No client is called “\(name.text)”. Names must match exactly."
      case .client: "No client has this id."
      }
    return Problem(
      .unknownCompany, detail, extensions: ["similar": .array(similar.map { .string($0) })])
  }

  /// 409 with the pool's totals, and when the next number comes free.
  static func poolExhausted(_ totals: PoolTotals) -> Problem {
    // Numbers that others had locked all the while count as leased: by now they are.
    let leased = totals.leased + totals.available
    return Problem(
      .poolExhausted, exhaustion(leased: leased, next: totals.nextFreeAt),
      extensions: [
        "total": .int(totals.total), "available": 0, "leased": .int(leased),
        "out_of_service": .int(totals.outOfService),
        "next_free_at": totals.nextFreeAt.map { .string($0.description) } ?? .null,
      ])
  }

  private static func exhaustion(leased: Int, next: Timestamp?) -> String {
    guard leased > 0 else { return "No number is in service." }
    let first =
      leased == 1 ? "The only number in service is leased." : "All \(leased) numbers in service are leased."
    return next.map { "\(first) The next one comes free at \($0)." } ?? first
  }
}
