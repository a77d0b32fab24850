import Domain
import Postgres

/// The index that the allocator searches, and its queue.
public enum LeadMatchingStore {
  /// Takes leads whose facts have changed off the queue, and those whose timing changes today. Until the end
  /// of the transaction nobody else does, so that older facts never follow newer ones.
  public static func take(
    limit: Int, today: CivilDate, in transaction: inout Transaction
  ) throws -> [ID<Lead>] {
    let answers = try transaction.query([
      "SELECT pg_advisory_xact_lock(7246016)",
      """
      DELETE FROM lead_matching_queue WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM lead_matching_queue LIMIT \(limit)))
      RETURNING lead_id
      """,
    ])
    var leads: [ID<Lead>] = try answers[1].map { try $0.decode(at: 0) }
    if leads.count < limit {
      leads += try transaction.query(
        """
        SELECT lead_id FROM lead_matching WHERE changes_on <= \(today.description)::text::date
        ORDER BY changes_on LIMIT \(limit - leads.count)
        """
      ).map { try $0.decode(at: 0) }
    }
    return Array(Set(leads)).sorted()
  }

  /// - Parameter leads: with their traits; those that must not be found have none.
  public static func save(
    _ leads: [(id: ID<Lead>, traits: LeadTraits?)], in transaction: inout Transaction
  ) {
    let gone = leads.filter { $0.traits == nil }.map(\.id)
    if !gone.isEmpty { transaction.enqueue("DELETE FROM lead_matching WHERE lead_id = ANY (\(gone))") }
    let kept = leads.compactMap { lead in lead.traits.map { (id: lead.id, traits: $0) } }
    func points(_ value: (ScoreBase) -> Int) -> [Int16] {
      kept.map { Int16(clamping: value($0.traits.base)) }
    }
    guard !kept.isEmpty else { return }
    transaction.enqueue(
      """
      INSERT INTO lead_matching (lead_id, employees, data_quality, authority, web, timing, risk, changes_on,
        company_domain, title, terms)
      SELECT u.id, u.employees, u.data_quality, u.authority, u.web, u.timing, u.risk, u.changes_on::date,
        u.company_domain, u.title, u.terms::integer[]
      FROM unnest(\(kept.map(\.id)), \(kept.map(\.traits.employees)), \(points(\.dataQuality)),
        \(points(\.authority)), \(points(\.web)), \(points(\.timing)), \(points(\.risk)),
        \(kept.map(\.traits.changesOn?.description)), \(kept.map(\.traits.companyDomain)),
        \(kept.map(\.traits.title)), \(kept.map { Self.array($0.traits.terms) }))
        AS u (id, employees, data_quality, authority, web, timing, risk, changes_on, company_domain, title,
          terms)
      ON CONFLICT ON CONSTRAINT lead_matching_pkey DO UPDATE
      SET employees = EXCLUDED.employees, data_quality = EXCLUDED.data_quality,
        authority = EXCLUDED.authority, web = EXCLUDED.web, timing = EXCLUDED.timing, risk = EXCLUDED.risk,
        changes_on = EXCLUDED.changes_on, company_domain = EXCLUDED.company_domain, title = EXCLUDED.title,
        terms = EXCLUDED.terms
      """)
  }

  /// An array of arrays has rows of one length in SQL; so each travels as text.
  private static func array(_ terms: [Int32]) -> String {
    "{" + terms.map(String.init).joined(separator: ",") + "}"
  }
}
