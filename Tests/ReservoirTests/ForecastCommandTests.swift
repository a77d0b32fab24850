import Domain
import JSON
import Terminal
import TestSupport
import Testing

@testable import reservoir

@Suite struct `The text of a forecast` {
  /// A Velocity client every second day; ten domains of an order arrive; one number is waited for.
  static let outlook: Outlook = {
    let today = CivilDate("2026-11-24")!
    let facts = ForecastFacts(
      today: today, tiers: PricingTier.defaults, signups: [.velocity: (0..<90).map { $0 % 2 }],
      churn: [.velocity: Array(repeating: 0, count: 90)],
      stock: ResourceCounts(emailDomains: 50, mailboxes: 900, phoneNumbers: 0, linkedInSeats: 900),
      backordered: ResourceCounts(phoneNumbers: 1),
      arrivals: [
        Arrival(
          kind: .emailDomain, count: 10, earliest: today.adding(days: 7), expected: today.adding(days: 12),
          latest: today.adding(days: 12))
      ])
    let buffers = ResourceKind.allCases.map { kind in
      Buffer(
        kind: kind, assigned: kind == .emailDomain ? 225 : 0, available: facts.stock[kind],
        arriving: kind == .emailDomain ? 10 : 0, backordered: facts.backordered[kind])
    }
    return Outlook(facts, buffers: buffers, historyDays: 90)
  }()

  private func text(width: Int?, only: ResourceKind? = nil) -> String {
    ForecastText(Self.outlook, only: only, by: Self.outlook.lastDay).text(for: StringOutput(width: width))
  }

  @Test func `is drawn as it always was`() {
    #expect(text(width: nil, only: .emailDomain) == Self.golden)
  }

  @Test func `shows every kind, within the terminal`() throws {
    for width in [60, 80, 120] {
      let text = text(width: width)
      for heading in ["Email domains", "Mailboxes", "Phone numbers", "LinkedIn seats"] {
        #expect(text.contains("\n\(heading)  ●") || text.hasPrefix("\(heading)  ●"))
      }
      let charts = text.prefix(upTo: try #require(text.firstRange(of: "\nORDER")).lowerBound)
      #expect(charts.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= width })
      #expect(text.contains("Enough until 2027-01-22."))
      #expect(text.contains("Too few from 2026-11-24"))
    }
  }

  static let golden = """
    Email domains  ● need  ─ supply
    209 ┤                                                       ░░░░░
        │                                               ░░░░░░░░░░░░░
        │                                       ░░░░░░░░░░░░░░░░░░●●●
        │                               ░░░░░░░░░░░░░░░░●●●●●●●●●●░░░
    105 ┤                       ░░░░░░░░░░░░░●●●●●●●●●●●░░░░░░░░░░░░░
        │               ░░░░░░░░░░░●●●●●●●●●●░░░░░░░░░░░░░░░░░░░░░░░░
        │───────────────●●●●●●●●●●●──────────────────────────────────
        │ ░░░░●●●●●●●●●●░░░░░░░░░░░░░░░░
      0 ┤●●●●●░░░░░░░░░░
         Nov 24    Dec 4     Dec 14    Dec 24    Jan 3     Jan 13
                    △            ▲
    Too few from 2026-12-18, some may wait from 2026-12-05.
    An order of today is ready by 2026-12-17.

    ORDER TODAY    READY  COMING  WAITING  BUFFER  NEEDS  TO FILL  FORECAST  ORDER
    email_domain      50      10        0  low        90       30        33     33
    mailbox          900       0        0  ok          0        0         0      0
    phone_number       0       0        1  ok          0        1         7      7
    linkedin_seat    900       0        0  ok          0        0         0      0

    NEW CLIENTS BY 2027-01-22  AT LEAST  EXPECTED  AT MOST
    ignition only                     0         0        0
    velocity only                     0         0        0
    dominance only                    0         0        0

    From 90 days of history: 45 sign-ups, 0 departures.

    """
}

@Suite(.requiresPostgres, .database(TestDatabase.migrated)) struct `The forecast command` {
  /// Twenty clients, one a day until yesterday, wait for all that Ignition gives.
  private func plant() async throws {
    try await Admin.execute(
      """
      DO $$
      DECLARE
        instant timestamptz;
      BEGIN
        FOR n IN 1..20 LOOP
          instant := date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - n * interval '24 hours';
          PERFORM set_config('reservoir.now', instant::text, true);
          INSERT INTO clients (company_name) VALUES ('Company ' || n);
          INSERT INTO subscriptions (client_id, tier, state, signed_up_on, updated_at)
          SELECT id, 'ignition', 'active', instant::date, instant FROM clients ORDER BY created_at LIMIT 1;
          INSERT INTO backorders (id, client_id, resource_type, wanted, created_at)
          SELECT uuid_v7(), id, 'phone_number', 1, instant FROM clients ORDER BY created_at LIMIT 1;
        END LOOP;
      END $$
      """, on: TestDatabase.conninfo)
  }

  @Test func `tells of a planted history`() async throws {
    try await plant()
    let forecast = try await document("forecast")
    #expect(forecast["history"]?["days"] == 20)
    let came: JSONValue = ["tier": "ignition", "signed_up": 20, "left": 0]
    #expect(forecast["history"]?["tiers"]?.array?.contains(came) == true)
    let numbers = forecast["kinds"]?.array?.first { $0["resource_type"] == "phone_number" }
    #expect(numbers?["backordered"] == 20)
    #expect(numbers?["days"]?[9]?["need"]?["expected"] == 30)
    #expect(numbers?["first_shortage_on"] == forecast["from_on"])
    let lines = try await done("forecast", "--type", "phone_number").split(separator: "\n")
    #expect(lines.first == "Phone numbers  ● need  ─ supply")
    #expect(lines.last == "From 20 days of history: 20 sign-ups, 0 departures.")
    #expect(lines.contains { $0.hasPrefix("phone_number ") && $0.contains(" 20 ") })
    #expect(!lines.contains { $0.contains("Mailboxes") || $0.contains("\u{1b}") })
  }

  @Test(arguments: [
    ["--by", "2026-02-30"], ["--by", "1999-01-01"], ["--type", "cars"], ["--history-days", "0"],
  ])
  func `refuses what it does not understand`(words: [String]) async throws {
    let run = try await reservoir(["forecast"] + words + ["--database-url", TestDatabase.conninfo])
    #expect(run.status == .code(2) && run.text.contains(words[0]), "\(run)")
  }
}
