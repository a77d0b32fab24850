import Domain
import Testing

/// The dialect of templates, rendered for one lead.
struct TemplateTests {
  static let facts: LeadFacts = {
    var facts = LeadFacts()
    facts[.firstName] = .text("ada")
    facts[.lastName] = .text(" ")
    facts[.title] = .text("VP of <Sales>")
    facts[.seniority] = .text("VP")
    facts[.companyEmployees] = .integer(1_200)
    facts[.companyRevenue] = .number(1.5)
    facts[.companyIsHiring] = .flag(false)
    facts[.roleStartedOn] = CivilDate("2026-01-31").map { .date($0) }
    facts[.companyTechnologies] = .texts(["Salesforce", "HubSpot"])
    facts[.employmentHistory] = .json("[]")
    return facts
  }()

  static func render(
    _ body: String, format: TemplateContent.Format = .text, values: [String: String] = [:],
    variables: [String] = ["sender.name"]
  ) -> Result<String, TemplateErrors> {
    let content = TemplateContent(subject: "s", body: body, format: format, variables: variables)
    do throws(TemplateErrors) {
      let parsed = try ParsedTemplate(content, channel: .email)
      return parsed.render(facts, values: values).map(\.body)
    } catch {
      return .failure(error)
    }
  }

  @Test(arguments: [
    ("Hi {{first_name}}!", "Hi ada!"), ("{{ first_name | capitalize }}", "Ada"),
    ("{{first_name | upper}} {{title|lower}}", "ADA vp of <sales>"),
    ("{{last_name | \"friend\"}}", "friend"),
    ("{{last_name|capitalize|\"my \\\"friend\\\"\"}}", "my \"friend\""),
    ("{{city | \"\"}}.", "."), ("{{company_employees}}/{{company_revenue}}", "1200/1.5"),
    ("{{company_is_hiring}} {{role_started_on}}", "no 2026-01-31"),
    ("{{company_technologies}}", "Salesforce, HubSpot"),
    ("{{company_technologies | first | lower}}", "salesforce"),
    ("{{#if title}}yes{{else}}no{{/if}}", "yes"), ("{{#if city}}yes{{else}}no{{/if}}", "no"),
    ("{{#if last_name}}yes{{/if}}no", "no"), ("{{#unless city}}nowhere{{/unless}}", "nowhere"),
    ("{{#if company_is_hiring}}yes{{else}}no{{/if}}", "no"), ("{{#if employment_history}}yes{{/if}}", "yes"),
    ("{{#if seniority = \"vp\"}}boss{{/if}}", "boss"),
    ("{{#if seniority != \"vp\"}}x{{else}}boss{{/if}}", "boss"),
    ("{{#unless seniority = \"vp\"}}x{{/unless}}", ""),
    ("{{#if company_technologies = \"hubspot\"}}a{{/if}}", "a"),
    ("{{#if city}}{{city}}{{/if}}", ""), ("{{\"{{\"}}first_name}}", "{{first_name}}"),
    ("a{{! nothing }}b", "ab"), ("{{sender.name | \"us\"}}", "us"),
    ("{{#if title}}{{#if city}}a{{else}}b{{/if}}{{/if}}", "b"), ("no tags } }} {", "no tags } }} {"),
  ])
  func `a template says what the lead has`(body: String, text: String) throws {
    #expect(try Self.render(body).get() == text)
  }

  @Test(arguments: [
    ("a\n{{#if title}}\nb\n{{else}}\nc\n{{/if}}\nd\n", "a\nb\nd\n"),
    ("{{#if title}}\nA\n{{/if}}\n{{#if title}}\nB\n{{/if}}", "A\nB\n"),
    ("{{#if title}}\nA\n{{/if}}\n  {{! remark }} \n{{#if title}}\nB\n{{/if}}\nC", "A\nB\nC"),
    ("{{#if title}}\nA\n{{/if}}\n\n{{#if title}}\nB\n{{/if}}\n", "A\n\nB\n"),
    ("{{#if city}}\nb\n{{/if}}", ""), ("a\n  {{! remark }}  \nb", "a\nb"),
    ("a {{#if title}}\nb{{/if}}", "a \nb"), ("a\r\n{{#if title}}\r\nb\r\n{{/if}}\r\nc", "a\r\nb\r\nc"),
  ])
  func `a tag of a block alone on its line leaves no empty line`(body: String, text: String) throws {
    #expect(try Self.render(body).get() == text)
  }

  @Test func `values are escaped in HTML, and the template's own text is not`() throws {
    let text = try Self.render("<b>{{title}}</b> & {{city | \"<i>you</i>\"}}", format: .html).get()
    #expect(text == "<b>VP of &lt;Sales&gt;</b> & <i>you</i>")
  }

  @Test func `a sender's values are taken by name`() throws {
    #expect(
      try Self.render("{{sender.name}}", values: ["sender.name": "Grace", "x.y": "z"]).get() == "Grace")
  }

  @Test(
    arguments: [
      ("a\n {{frist_name}}", TemplateError.Code.unknownField, 2, 2, "frist_name"),
      ("{{sender.phone}}", .unknownField, 1, 1, "sender.phone"),
      ("{{employment_history}}", .notText, 1, 1, "employment_history"),
      ("{{first_name", .syntax, 1, 1, nil), ("{{}}", .syntax, 1, 1, nil),
      ("{{first_name title}}", .syntax, 1, 1, nil),
      ("{{first_name | shout}}", .syntax, 1, 1, nil), ("{{first_name | \"a\" | upper}}", .syntax, 1, 1, nil),
      ("{{#each title}}{{/each}}", .syntax, 1, 1, nil), ("{{#if}}{{/if}}", .syntax, 1, 1, nil),
      ("{{#if title = vp}}{{/if}}", .syntax, 1, 1, nil), ("{{#if title = }}{{/if}}", .syntax, 1, 1, nil),
      ("ab{{/if}}", .unbalanced, 1, 3, nil), ("{{#if title}}", .unbalanced, 1, 1, nil),
      ("{{#if title}}{{/unless}}", .unbalanced, 1, 14, nil), ("{{else}}", .unbalanced, 1, 1, nil),
      ("{{#if title}}{{else}}{{else}}{{/if}}", .unbalanced, 1, 22, nil),
      ("\n\n{{city}}", .emptyField, 3, 1, "city"), ("{{sender.name}}", .emptyField, 1, 1, "sender.name"),
    ] as [(String, TemplateError.Code, Int, Int, String?)])
  func `what is wrong is told with its place`(
    body: String, code: TemplateError.Code, line: Int, column: Int, name: String?
  ) throws {
    guard case .failure(let failure) = Self.render(body) else {
      Issue.record("\(body) was rendered")
      return
    }
    let error = try #require(failure.errors.first)
    #expect((error.code, error.line, error.column, error.name) == (code, line, column, name))
    #expect(failure.errors.count == 1 && error.part == .body)
  }

  @Test func `all unknown fields are told at once, with names that are near`() {
    guard case .failure(let failure) = Self.render("{{titel}} {{#if citty}}{{/if}} {{first_name}}") else {
      Issue.record("rendered")
      return
    }
    #expect(failure.errors.map(\.name) == ["titel", "citty"])
    #expect(failure.errors.map { $0.detail.contains("did you mean") } == [true, true])
  }

  @Test func `blocks stand in each other eight deep`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "{{#if title}}", count: depth) + "x" + String(repeating: "{{/if}}", count: depth)
    }
    #expect(try Self.render(nested(8)).get() == "x")
    guard case .failure(let failure) = Self.render(nested(9)) else {
      Issue.record("rendered")
      return
    }
    #expect(failure.errors.map(\.code) == [.tooDeep])
  }

  @Test(
    arguments: [
      (Channel.email, nil as String?, "a", TemplateContent.Format.text, [TemplateError.Part.subject]),
      (.email, "a\nb", "", .text, [.subject, .body]), (.sms, "s", "a", .text, [.subject]),
      (.sms, nil, "a", .html, [.body]), (.linkedin, nil, "a", .text, []), (.email, "s", "a", .html, []),
      (.email, String(repeating: "s", count: 501), "a", .text, [.subject]),
    ] as [(Channel, String?, String, TemplateContent.Format, [TemplateError.Part])])
  func `a channel has its parts`(
    channel: Channel, subject: String?, body: String, format: TemplateContent.Format,
    wrong: [TemplateError.Part]
  ) {
    do throws(TemplateErrors) {
      _ = try ParsedTemplate(TemplateContent(subject: subject, body: body, format: format), channel: channel)
      #expect(wrong == [])
    } catch {
      #expect(error.errors.map(\.part) == wrong)
    }
  }

  @Test func `a subject stays on one line, whatever a value holds`() throws {
    var facts = LeadFacts()
    facts[.title] = .text("a\r\nBcc: b")
    let content = TemplateContent(subject: "{{title}}", body: "x")
    let rendered = try ParsedTemplate(content, channel: .email).render(facts).get()
    #expect(rendered.subject == "a Bcc: b")
  }

  @Test(arguments: [
    (String(repeating: "a", count: 160), SMSLength.Encoding.gsm7, 160, true),
    (String(repeating: "a", count: 161), .gsm7, 161, false),
    (String(repeating: "€", count: 80), .gsm7, 160, true),
    (String(repeating: "[", count: 81), .gsm7, 162, false), ("Ä§ñ\n^", .gsm7, 6, true),
    (String(repeating: "я", count: 70), .ucs2, 70, true),
    (String(repeating: "я", count: 71), .ucs2, 71, false),
    (String(repeating: "😀", count: 35), .ucs2, 70, true), ("ê", .ucs2, 1, true), ("ç", .ucs2, 1, true),
    ("", .gsm7, 0, true),
  ])
  func `an SMS is measured as the network does`(
    text: String, encoding: SMSLength.Encoding, units: Int, fits: Bool
  ) {
    let length = SMSLength(text)
    #expect((length.encoding, length.units, length.fits) == (encoding, units, fits))
  }

  @Test func `an SMS is one segment, as rendered`() throws {
    let content = TemplateContent(body: String(repeating: "a", count: 158) + "{{first_name}}")
    guard case .failure(let failure) = try ParsedTemplate(content, channel: .sms).render(Self.facts) else {
      Issue.record("161 characters were rendered")
      return
    }
    #expect(failure.errors.map(\.code) == [.tooLong])
    #expect(failure.errors[0].detail.contains("161 of 160"))
  }

  @Test func `a report counts who lacks what, and whose SMS is too long`() throws {
    let content = TemplateContent(
      body: "Hi {{first_name}} {{sender.name}}, {{#if title}}{{city | \"x\"}}{{/if}}",
      variables: ["sender.name"])
    let template = try ParsedTemplate(content, channel: .sms)
    #expect(template.fields == [.firstName, .title, .city] && template.needed == [.firstName])
    var report = TemplateReport(template, values: [:])
    report.look(at: LeadFacts())
    report.look(at: Self.facts)
    var long = Self.facts
    long[.firstName] = .text(String(repeating: "a", count: 200))
    report.look(at: long)
    #expect(report.fields.map(\.empty) == [1, 1, 3])
    #expect((report.leads, report.failing, report.tooLong) == (3, 2, 1))
    #expect(report.longest?.units == "Hi  sender.name, x".count + 200)
  }

  @Test(arguments: [
    ("sender.name", true), ("a.b_c.d1", true), ("name", false), ("a.", false), ("A.b", false),
  ])
  func `a variable has a dot, so that it is no field`(name: String, isVariable: Bool) {
    #expect(TemplateContent.isVariable(name) == isVariable)
  }
}
