import Foundation

/// Files of people as Apollo sends them, a record a line.
struct LeadFile {
  enum Size {
    /// About 5 KB, as an enriched person with a company is.
    case whole
    /// About 0.5 KB: who it is, and a title.
    case slim
  }

  let path: String
  let count: Int
  let bytes: Int

  /// - Parameters:
  ///   - people: which; the same number is the same person in every file.
  ///   - round: another one says something newer of the same people.
  static func make(
    _ name: String, _ people: Range<Int>, _ size: Size, round: Int = 0, in scratch: Scratch
  ) throws -> LeadFile {
    let file = scratch.file(name)
    guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
      throw Failure("\(file.path) cannot be written")
    }
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    var generator = Words(state: UInt64(people.lowerBound) &* 0x9E37_79B9 | 1)
    var total = 0
    for start in stride(from: people.lowerBound, to: people.upperBound, by: 500) {
      var text = ""
      for person in start..<min(start + 500, people.upperBound) {
        text += record(person, size, round, &generator)
        text += "\n"
      }
      let data = Data(text.utf8)
      total += data.count
      try handle.write(contentsOf: data)
    }
    return LeadFile(path: file.path, count: people.count, bytes: total)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  private static func record(_ person: Int, _ size: Size, _ round: Int, _ words: inout Words) -> String {
    let company = person / 20
    let head = """
      {"id":"\(hex(person))","first_name":"First\(person % 977)","last_name":"Last\(person)",\
      "name":"First\(person % 977) Last\(person)","title":"Head of \(words.next()) \(round)",\
      "linkedin_url":"http://www.linkedin.com/in/person-\(person)",\
      "email":"p\(person)@c\(company).example.com",\
      "email_status":"verified","seniority":"head","city":"Leeds","country":"United Kingdom",\
      "time_zone":"Europe/London","departments":["master_operations"],"organization_id":"\(hex(company))"
      """
    guard size == .whole else { return head + "}" }
    return head + """
      ,"headline":"\(words.text(8))","photo_url":null,"twitter_url":null,"github_url":null,\
      "facebook_url":null,\
      "extrapolated_email_confidence":null,"personal_emails":[],"street_address":"","postal_code":"LS1 1AA",\
      "formatted_address":"Leeds, England, United Kingdom","is_likely_to_engage":true,"show_intent":false,\
      "employment_history":[\((0..<4).map { job($0, &words) }.joined(separator: ","))],\
      "phone_numbers":[{"raw_number":"+15125550143",\
      "sanitized_number":"+1512555\(String(1_000 + person % 9_000))",\
      "type":"mobile","position":0,"status":"valid_number","dnc_status":null,"dnc_other_info":null,\
      "dialer_flags":null}],"organization":\(organization(company, &words))}
      """
  }

  private static func job(_ place: Int, _ words: inout Words) -> String {
    let id = hex(Int(truncatingIfNeeded: words.number() >> 2))
    return """
      {"_id":"\(id)","id":"\(id)","key":"\(id)","created_at":null,"current":\(place == 0),"degree":null,\
      "description":null,"emails":null,"end_date":\(place == 0 ? "null" : "\"201\(9 - place)-03-01\""),\
      "grade_level":null,"kind":null,"major":null,"organization_id":"\(id)",\
      "organization_name":"\(words.text(2))",\
      "raw_address":null,"start_date":"201\(9 - place)-04-01",\
      "title":"\(words.text(3))","updated_at":null}
      """
  }

  private static func organization(_ company: Int, _ words: inout Words) -> String {
    let keywords = (0..<30).map { _ in "\"\(words.next())\"" }.joined(separator: ",")
    let technologies = (0..<12).map { _ in
      let name = words.next()
      return "{\"uid\":\"\(name)\",\"name\":\"\(name)\",\"category\":\"\(words.next())\"}"
    }
    return """
      {"id":"\(hex(company))","name":"Company \(company)","primary_domain":"c\(company).example.com",\
      "website_url":"http://www.c\(company).example.com","blog_url":null,"linkedin_uid":"\(company)",\
      "founded_year":2001,"alexa_ranking":184233,"languages":["English"],"industry":"\(words.text(2))",\
      "industries":["\(words.next())"],"estimated_num_employees":\(company % 500 + 1),\
      "keywords":[\(keywords)],\
      "short_description":"\(words.text(80))","city":"Leeds","country":"United Kingdom",\
      "annual_revenue":1500000,\
      "annual_revenue_printed":"1.5M","current_technologies":[\(technologies.joined(separator: ","))],\
      "organization_headcount_six_month_growth":0.12,\
      "departmental_head_count":{"sales":3,"engineering":8}}
      """
  }

  private static func hex(_ number: Int) -> String {
    let digits = String(UInt64(bitPattern: Int64(number)), radix: 16)
    return String(repeating: "0", count: 24 - digits.count) + digits
  }

  /// Words that do not repeat too often, the same in every run.
  private struct Words {
    var state: UInt64

    mutating func number() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 17
    }

    mutating func next() -> String {
      let stems = ["analytics", "robots", "supply", "fleet", "cloud", "growth", "teams", "dental", "solar"]
      let number = number()
      return stems[Int(number % UInt64(stems.count))] + String(number % 997)
    }

    mutating func text(_ count: Int) -> String { (0..<count).map { _ in next() }.joined(separator: " ") }
  }
}
