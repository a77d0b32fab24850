import Domain
import Engine
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// Two leads that are one person, and two again.
@Suite(.requiresPostgres, .database(TestDatabase.product))
struct MergeTests {
  let world = IntakeWorld()
  var service: LeadConflictService { LeadConflictService(database: world.database, time: world.world.clock) }

  /// A lead known by Apollo, and an older one known by its address.
  func two() async throws -> (kept: ID<Lead>, merged: ID<Lead>) {
    let merged = try await world.id([
      world.row(
        ["email": "ada@example.com", "city": "Rome", "title": "Intern", "phone": "+15125550143"],
        at: world.now - .hours(1))
    ])
    let kept = try await world.id([world.row(["apollo_id": "a1", "title": "CEO"], source: "apollo")])
    return (kept, merged)
  }

  func assign(
    _ lead: ID<Lead>, to client: ID<Client>, contacts: Int = 0, at time: Timestamp? = nil
  ) async throws -> ID<LeadOwnership> {
    let time = time ?? world.now
    return try await world.database.transaction { transaction in
      try transaction.query(
        """
        INSERT INTO lead_assignments (lead_id, client_id, contacts, assigned_at, last_contacted_at)
        VALUES (\(lead), \(client), \(contacts), \(time), \(contacts > 0 ? time : nil)) RETURNING id
        """)[0].decode(at: 0)
    }
  }

  func merge(_ lead: ID<Lead>, into kept: ID<Lead>) async throws -> StoredLeadMerge {
    guard case .fresh(.done(let merge)) = try await service.merge(lead, into: kept, actor: .commandLine)
    else {
      throw Astray()
    }
    return merge
  }

  func refusal(merging lead: ID<Lead>, into kept: ID<Lead>) async throws -> LeadMergeDecision.Refusal? {
    if case .fresh(.refused(let why)) = try await service.merge(lead, into: kept, actor: .commandLine) {
      why
    } else {
      nil
    }
  }

  func refusal(undoing merge: StoredLeadMerge) async throws -> LeadUnmergeRefusal? {
    if case .fresh(.refused(let why)) = try await service.undo(merge.id, actor: .commandLine) {
      why
    } else {
      nil
    }
  }

  /// All that the database says of leads, their keys and owners, without times of change.
  func everything() async throws -> [String] {
    try await world.texts(
      """
      SELECT (to_jsonb(p) - 'updated_at')::text FROM lead_pool p
      UNION ALL SELECT i::text FROM lead_identities i
      UNION ALL SELECT to_jsonb(a)::text FROM lead_assignments a ORDER BY 1
      """)
  }

  @Test func `the one that stays knows both, newer facts win, and both ways lead to it`() async throws {
    let (kept, merged) = try await two()
    _ = try await merge(merged, into: kept)
    let lead = try await world.lead(kept)
    #expect(lead.facts.text(.title) == "CEO" && lead.facts.text(.city) == "Rome")
    #expect(lead.facts.text(.email) == "ada@example.com" && lead.facts.text(.phone) == "+15125550143")
    #expect(try await world.lead(merged).mergedIntoID == kept)
    #expect(try await world.take([world.row(["email": "ada@example.com"])])[0].leadID == kept)
    #expect(
      try await world.texts("SELECT kind FROM lead_ledger WHERE kind LIKE 'merged%' ORDER BY kind")
        == ["merged", "merged_away"])
  }

  @Test func `undoing a merge makes both exactly what they were`() async throws {
    let (kept, merged) = try await two()
    let client = try await world.world.client("Acme")
    _ = try await assign(merged, to: client.id, contacts: 2)
    let before = try await everything()
    let merge = try await merge(merged, into: kept)
    #expect(try await everything() != before)
    guard case .fresh(.done(let undone)) = try await service.undo(merge.id, actor: .commandLine) else {
      throw Astray()
    }
    #expect(undone.undoneAt == world.now)
    #expect(try await everything() == before)
    #expect(try await refusal(undoing: merge) == .undone)
  }

  @Test func `what was learnt since a merge stays when it is undone`() async throws {
    let (kept, merged) = try await two()
    let merge = try await merge(merged, into: kept)
    world.world.clock.advance(by: .hours(1))
    try await world.take([world.row(["apollo_id": "a1", "city": "Oslo"])])
    guard case .fresh(.done) = try await service.undo(merge.id, actor: .commandLine) else { throw Astray() }
    let lead = try await world.lead(kept)
    #expect(lead.facts.text(.city) == "Oslo" && lead.facts.text(.email) == nil)
    #expect(try await world.lead(merged).facts.text(.city) == "Rome")
  }

  @Test func `the owner of either stays the owner`() async throws {
    let (kept, merged) = try await two()
    let client = try await world.world.client("Acme")
    let assignment = try await assign(merged, to: client.id)
    let merge = try await merge(merged, into: kept)
    #expect(
      try await world.texts("SELECT id || ' ' || lead_id FROM lead_assignments WHERE released_at IS NULL")
        == ["\(assignment) \(kept)"])
    #expect(try await world.count("SELECT count(*) FROM leads WHERE id = \(kept)") == 1)
    // Released, and given to somebody else: undoing would take it away.
    let other = try await world.world.client("Other")
    try await world.database.transaction { transaction in
      transaction.enqueue(
        """
        UPDATE lead_assignments SET status = 'released', released_at = reservoir_now()
        WHERE id = \(assignment)
        """)
    }
    _ = try await assign(kept, to: other.id)
    #expect(try await refusal(undoing: merge) == .changedHands)
  }

  @Test func `two assignments of one client become one, and two again`() async throws {
    let (kept, merged) = try await two()
    let client = try await world.world.client("Acme")
    let keptAssignment = try await assign(kept, to: client.id, contacts: 2)
    _ = try await assign(merged, to: client.id, contacts: 3, at: world.now - .hours(5))
    let before = try await everything()
    let merge = try await merge(merged, into: kept)
    let owned = try await world.texts(
      """
      SELECT id || ' ' || contacts || ' ' || (assigned_at = \(world.now - .hours(5))) FROM lead_assignments
      WHERE released_at IS NULL
      """)
    #expect(owned == ["\(keptAssignment) 5 true"])
    guard case .fresh(.done) = try await service.undo(merge.id, actor: .commandLine) else { throw Astray() }
    #expect(try await everything() == before)
  }

  @Test func `a merge that brought a conversion stays`() async throws {
    let (kept, merged) = try await two()
    let client = try await world.world.client("Acme")
    _ = try await assign(kept, to: client.id)
    let assignment = try await assign(merged, to: client.id)
    try await world.world.pool.execute(
      """
      UPDATE lead_assignments SET status = 'converted', converted_at = \(world.now)
      WHERE id = \(assignment)
      """)
    let merge = try await merge(merged, into: kept)
    let before = try await everything()
    #expect(try await refusal(undoing: merge) == .converted)
    #expect(try await everything() == before)
  }

  @Test func `a merge stays whose assignment's company is another client's alone by now`() async throws {
    let (kept, merged) = try await two()
    let (client, other) = (try await world.world.client("Acme"), try await world.world.client("Other"))
    _ = try await assign(kept, to: client.id)
    let pool = world.world.pool
    try await pool.execute("UPDATE lead_pool SET company_domain = 'old.example' WHERE id = \(merged)")
    _ = try await assign(merged, to: client.id)
    let merge = try await merge(merged, into: kept)
    // The person has changed jobs since; the assignment goes along.
    try await pool.execute("UPDATE lead_pool SET company_domain = 'new.example' WHERE id = \(kept)")
    let third = try await world.id([world.row(["apollo_id": "a3"])])
    try await pool.execute(
      """
      INSERT INTO lead_assignments (lead_id, client_id, company_domain, claims_company)
      VALUES (\(third), \(other.id), 'old.example', true)
      """)
    #expect(try await refusal(undoing: merge) == .changedHands)
  }

  @Test func `what forbids to contact the lead that went forbids it for the one that stays`() async throws {
    let stays = try await world.id([world.row(["apollo_id": "a1", "phone": "+15125550144"])])
    let goes = try await world.id([
      world.row(["apollo_id": "a2", "phone": "+15125550143"], at: world.now - .hours(1))
    ])
    try await world.world.pool.execute(
      """
      INSERT INTO suppressions (kind, key, value, reason)
      SELECT 'phone', contact_key('phone', '+15125550143', salt), '+15125550143', 'opt_out' FROM contact_salt
      """)
    func reasons(_ lead: ID<Lead>) async throws -> [String] {
      try await world.texts(
        """
        SELECT s.reason FROM lead_pool p CROSS JOIN LATERAL lead_suppressions(p, NULL) s WHERE p.id = \(lead)
        """)
    }
    #expect(try await reasons(stays).isEmpty)
    let merge = try await merge(goes, into: stays)
    #expect(try await world.lead(stays).facts.text(.phone) == "+15125550144")
    #expect(try await reasons(stays) == ["opt_out"])
    guard case .fresh(.done) = try await service.undo(merge.id, actor: .commandLine) else { throw Astray() }
    #expect(try await reasons(stays).isEmpty)
  }

  @Test func `leads of two clients are not merged`() async throws {
    let (kept, merged) = try await two()
    _ = try await assign(kept, to: try await world.world.client("Acme").id)
    _ = try await assign(merged, to: try await world.world.client("Other").id)
    let before = try await everything()
    #expect(try await refusal(merging: merged, into: kept) == .ownedByTwo)
    #expect(try await everything() == before)
  }

  @Test func `a lead is merged once, and not with itself`() async throws {
    let (kept, merged) = try await two()
    let third = try await world.id([world.row(["apollo_id": "a3"])])
    #expect(try await refusal(merging: kept, into: kept) == .sameLead)
    let first = try await merge(merged, into: kept)
    #expect(try await refusal(merging: merged, into: third) == .merged)
    let second = try await merge(kept, into: third)
    // Whoever was merged into the first follows.
    #expect(try await world.lead(merged).mergedIntoID == third)
    #expect(try await refusal(undoing: first) == .mergedOn)
    guard case .fresh(.done) = try await service.undo(second.id, actor: .commandLine) else { throw Astray() }
    #expect(try await world.lead(merged).mergedIntoID == kept)
    guard case .fresh(.done) = try await service.undo(first.id, actor: .commandLine) else { throw Astray() }
  }

  @Test func `a conflict is resolved by a merge, which its undoing opens again`() async throws {
    let (kept, merged) = try await two()
    let claim = world.row([
      "apollo_id": "a1", "email": "ada@example.com", "linkedin_url": "linkedin.com/in/ada",
    ])
    guard case .conflict(let id) = try await world.take([claim])[0] else { throw Astray() }
    #expect(try await service.list(.open, limit: 9).map(\.id) == [id])
    let stranger = try await world.id([world.row(["apollo_id": "x"])])
    guard
      case .fresh(.notAmongThem) = try await service.resolve(id, .merge(into: stranger), actor: .commandLine),
      case .fresh(.done(let resolved)) = try await service.resolve(
        id, .merge(into: kept), actor: .commandLine)
    else { throw Astray() }
    #expect(resolved.status == .merged && resolved.merges.count == 1)
    #expect(try await world.lead(merged).mergedIntoID == kept)
    // What the record said is known too.
    #expect(try await world.lead(kept).facts.text(.linkedInKey) == "in/ada")
    #expect(try await world.take([claim])[0].leadID == kept)
    guard case .fresh(.alreadyResolved) = try await service.resolve(id, .separate, actor: .commandLine) else {
      throw Astray()
    }
    guard case .fresh(.done) = try await service.undo(resolved.merges[0], actor: .commandLine) else {
      throw Astray()
    }
    #expect(try await service.list(.open, limit: 9).map(\.id) == [id])
  }

  @Test func `a conflict whose record names a third lead by now is not resolved by a merge`() async throws {
    let (kept, _) = try await two()
    let claim = world.row([
      "apollo_id": "a1", "email": "ada@example.com", "linkedin_url": "linkedin.com/in/ada",
    ])
    guard case .conflict(let id) = try await world.take([claim])[0] else { throw Astray() }
    _ = try await world.id([world.row(["linkedin_url": "linkedin.com/in/ada"])])
    let before = try await everything()
    guard
      case .fresh(.anotherLead) = try await service.resolve(id, .merge(into: kept), actor: .commandLine)
    else { throw Astray() }
    #expect(try await everything() == before)
    #expect(try await service.list(.open, limit: 9).map(\.id) == [id])
  }

  @Test func `a conflict of two persons changes nothing`() async throws {
    _ = try await two()
    let claim = world.row(["apollo_id": "a1", "email": "ada@example.com"])
    guard case .conflict(let id) = try await world.take([claim])[0] else { throw Astray() }
    let before = try await everything()
    guard case .fresh(.done(let done)) = try await service.resolve(id, .separate, actor: .commandLine) else {
      throw Astray()
    }
    #expect(done.status == .separate && done.resolvedBy == "command-line")
    #expect(try await everything() == before)
    #expect(try await world.take([claim]) == [.conflict(id)])
    #expect(try await service.list(.open, limit: 9).isEmpty)
  }

  @Test func `a record of somebody who was forgotten is nobody's`() async throws {
    let (kept, _) = try await two()
    let claim = world.row([
      "apollo_id": "a1", "email": "ada@example.com", "linkedin_url": "linkedin.com/in/ada",
    ])
    guard case .conflict(let id) = try await world.take([claim])[0] else { throw Astray() }
    let address = try #require(ContactAddress(guessing: "linkedin.com/in/ada"))
    try await world.database.transaction { transaction in
      transaction.enqueue(
        """
        INSERT INTO suppressions (kind, key, reason, source, created_at)
        SELECT 'linkedin', contact_key('linkedin', \(address.value), salt), 'erased', 'erasure', now()
        FROM contact_salt
        """)
    }
    let before = try await everything()
    guard
      case .fresh(.refused(.erased)) = try await service.resolve(id, .merge(into: kept), actor: .commandLine)
    else { throw Astray() }
    #expect(try await everything() == before)
  }

  @Test func `a merge that one of several refuses leaves all as it was`() async throws {
    let (first, second) = try await two()
    let third = try await world.id([world.row(["linkedin_url": "linkedin.com/in/ada"])])
    _ = try await assign(first, to: try await world.world.client("Acme").id)
    _ = try await assign(third, to: try await world.world.client("Other").id)
    let claim = world.row([
      "apollo_id": "a1", "email": "ada@example.com", "linkedin_url": "linkedin.com/in/ada",
    ])
    guard case .conflict(let id) = try await world.take([claim])[0] else { throw Astray() }
    let before = try await everything()
    guard
      case .fresh(.refused(.ownedByTwo)) = try await service.resolve(
        id, .merge(into: second), actor: .commandLine)
    else { throw Astray() }
    #expect(try await everything() == before)
  }

  @Test func `sixteen who merge the same leads merge them once`() async throws {
    let (kept, merged) = try await two()
    let service = LeadConflictService(database: world.database, time: world.world.clock)
    let done = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<16 {
        group.addTask {
          let (from, into) = index.isMultiple(of: 2) ? (kept, merged) : (merged, kept)
          if case .fresh(.done) = try await service.merge(from, into: into, actor: .commandLine) {
            return true
          }
          return false
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(done == 1)
    #expect(try await world.count("SELECT count(*) FROM lead_pool WHERE merged_into_id IS NOT NULL") == 1)
  }
}
