import Domain
import Postgres
import Store

/// A line of a lead's history at the gate.
public struct GateHistoryLine: Hashable, Sendable {
  public let id: ID<PermitLedgerStore.Entry>
  public let at: Timestamp
  public let kind: PermitLedgerStore.Kind
  public let clientID: ID<Client>
  public let channel: Channel
  public let permitID: ID<Permit>?
  public let resourceID: ID<Resource>?
  /// Of a refusal, in the order of the checks.
  public let reasons: [GateVerdict.Reason]
  /// What the gate looked at, of a decision.
  public let facts: GateFacts?

  /// What a caller may know: a client learns nothing of a lead in the time in which it was not its own.
  public func shown(to client: ID<Client>?) -> GateHistoryLine {
    guard client != nil, let facts, !facts.isAssigned else { return self }
    return GateHistoryLine(
      id: id, at: at, kind: kind, clientID: clientID, channel: channel, permitID: permitID,
      resourceID: resourceID, reasons: GateVerdict.notYours.reasons, facts: facts.withoutLead)
  }
}

extension PermitService {
  /// What was asked about a lead and decided, and what became of its permits, newest first: why was it not
  /// contacted on that day?
  ///
  /// - Parameters:
  ///   - client: nil: whoever asked.
  ///   - until: does not belong to the time.
  public func history(
    of lead: ID<Lead>, client: ID<Client>?, from since: Timestamp, to until: Timestamp,
    after place: PermitLedgerStore.Place? = nil, limit: Int
  ) async throws -> [GateHistoryLine] {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      try PermitLedgerStore.history(
        of: lead, client: client, from: since, to: until, after: place, limit: limit, in: &transaction
      ).map { line in
        let decided = try GateFactsText.read(line.entry.details)
        return GateHistoryLine(
          id: line.id, at: line.at, kind: line.entry.kind, clientID: line.entry.clientID,
          channel: line.entry.channel, permitID: line.entry.permitID, resourceID: line.entry.resourceID,
          reasons: decided?.reasons ?? [], facts: decided?.facts)
      }
    }
  }
}
