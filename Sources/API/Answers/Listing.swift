import Domain
import HTTP
import JSON
import Store

extension Call {
  /// Whose things a list shows: of one client, or of all (`id` nil).
  struct Owner: Hashable, Sendable {
    let id: ID<Client>?
  }

  /// Whose things to list for a filter by client. Nil when the caller may see nothing of that client, which
  /// looks like a client without things.
  func owner(_ wanted: ID<Client>?) -> Owner? {
    guard let allowed else { return Owner(id: wanted) }
    return wanted == nil || wanted == allowed ? Owner(id: allowed) : nil
  }
}

extension PageRequest {
  var emptyAnswer: Response { page([String]()) { [$0] }.response { $0.value($1) } }

  /// The id that the page begins after, in a list ordered by ids.
  ///
  /// - Throws: `Problem` invalid-parameter (400) for a cursor that was tampered with.
  func id<Entity>(of: Entity.Type) throws(Problem) -> ID<Entity>? {
    guard let after else { return nil }
    guard after.count == 1, let id = ID<Entity>(after[0]) else { throw Self.badCursor }
    return id
  }

  /// The place in a list of leases; errors as for `id`.
  func place() throws(Problem) -> LeaseListStore.Place? {
    guard let after else { return nil }
    guard after.count == 2, let microseconds = Int64(after[0]), let id = ID<Lease>(after[1])
    else { throw Self.badCursor }
    return LeaseListStore.Place(leasedAt: Timestamp(microseconds: microseconds), id: id)
  }

  /// The place in a history; errors as for `id`.
  func change() throws(Problem) -> ResourceLedgerStore.Place? {
    guard let after else { return nil }
    guard after.count == 2, let microseconds = Int64(after[0]), let change = Int64(after[1])
    else { throw Self.badCursor }
    return ResourceLedgerStore.Place(at: Timestamp(microseconds: microseconds), change: change)
  }

  /// The place in a campaign's resources; errors as for `id`.
  func campaignPlace() throws(Problem) -> CampaignResourceStore.Place? {
    guard let after else { return nil }
    guard after.count == 2, let id = ID<ClientAssignment>(after[0]), let channel = Channel(rawValue: after[1])
    else { throw Self.badCursor }
    return CampaignResourceStore.Place(assignmentID: id, channel: channel)
  }

  /// The place in a lead's history at the gate; errors as for `id`.
  func permitLedgerPlace() throws(Problem) -> PermitLedgerStore.Place? {
    guard let after else { return nil }
    guard after.count == 2, let microseconds = Int64(after[0]),
      let id = ID<PermitLedgerStore.Entry>(after[1])
    else { throw Self.badCursor }
    return PermitLedgerStore.Place(at: Timestamp(microseconds: microseconds), id: id)
  }

  /// The number that the page begins after, in a list ordered by numbers; errors as for `id`.
  func number() throws(Problem) -> Int64? {
    guard let after else { return nil }
    guard after.count == 1, let number = Int64(after[0]) else { throw Self.badCursor }
    return number
  }

  static var badCursor: Problem {
    Problem(.invalidParameter, faults: [Problem.Fault("expected a cursor of this list", parameter: "cursor")])
  }
}
