import API
import Domain
import Engine
import Store
import Terminal

extension ReservoirProgram {
  var templates: Command {
    Command(
      "templates", "What is written to leads.",
      subcommands: [
        createTemplate, updateTemplate, listTemplates, showTemplate, renderTemplate, lintTemplate,
      ])
  }

  private static let text: [Option] = [
    .value("subject", "TEXT", "The subject; of emails only."),
    .value("body", "FILE", "The body: a file, or - for standard input.", default: "-"),
    .flag("html", "The body is HTML: values are escaped."),
    .value("variables", "NAMES", "Names of values that the sender gives, such as sender.name, with commas."),
  ]

  private static let value = Option.values(
    "value", "NAME=TEXT", "The value of a variable; may be repeated.")

  private var createTemplate: Command {
    command(
      "create", "Makes a template and prints its id.",
      options: [
        .value("channel", "CHANNEL", "email, linkedin, voice or sms.", default: "email"),
        .value("client", "CLIENT", "Whose it is: a name or an id. The platform's without it."),
      ] + Self.text,
      positionals: [.required("name", "Unique among the client's templates.")],
      examples: [
        Example(
          "reservoir templates create 'Intro' --subject 'Hi {{first_name}}' --body intro.txt", "An email."),
        Example(
          "reservoir templates create 'Nudge' --channel sms --client 'Acme' --body nudge.txt", "An SMS."),
      ]
    ) { context in
      guard let name = TemplateName(context.invocation.text("name")) else {
        throw context.usage("<name>: expected 1 to 200 characters on one line")
      }
      let channel = try context.invocation.choice("channel", of: Channel.self)
      let content = try context.content()
      let client = context.invocation.optional("client")
      return try await context.withServices { services in
        var owner: ID<Client>?
        if let client { owner = try await services.client(client).id }
        let answer = try await services.templates.create(
          name, for: owner, channel: channel, content: content, actor: .commandLine)
        guard case .fresh(let outcome) = answer else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        return try context.tell(outcome) { "\($0.id)" }
      }
    }
  }

  private var updateTemplate: Command {
    command(
      "update", "Gives a template a new text. Earlier versions stay.", options: Self.text,
      positionals: [.required("id", "The template's id.")],
      examples: [
        Example(
          "reservoir templates update 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52 --subject 'Hi' --body intro.txt",
          "A new version.")
      ]
    ) { context in
      let id = try context.templateID()
      let content = try context.content()
      return try await context.withServices { services in
        let outcome = try await services.templates.update(id, content, actor: .commandLine)
        return try context.tell(outcome) { "version \($0.version)" }
      }
    }
  }

  private var listTemplates: Command {
    command(
      "list", "Lists templates, the oldest first.",
      options: [.limit, .value("client", "CLIENT", "Only this client's: a name or an id.")],
      examples: [Example("reservoir templates list --client 'Acme'", "All of Acme's templates.")]
    ) { context in
      let client = context.invocation.optional("client")
      return try await context.withServices { services in
        var owner: ID<Client>?
        if let client { owner = try await services.client(client).id }
        let found: [Template] = try await context.gather { last, limit in
          try await services.templates.list(of: owner, after: last?.id, limit: limit)
        }
        context.print(
          found, [.whole("ID"), .text("NAME"), .text("CHANNEL"), .number("VERSION"), .text("CLIENT")],
          empty: "no templates yet; 'reservoir templates create NAME' makes one"
        ) {
          [
            "\($0.id)", $0.name.text, $0.channel.rawValue, "\($0.version)",
            $0.clientID.map { "\($0)" } ?? "platform",
          ]
        }
        return .success
      }
    }
  }

  private var showTemplate: Command {
    command(
      "show", "Shows a template's text.",
      options: [.value("version", "N", "An earlier version.")],
      positionals: [.required("id", "The template's id.")],
      examples: [Example("reservoir templates show 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "Its text.")]
    ) { context in
      let id = try context.templateID()
      let version = try context.invocation.optionalInteger("version", in: 1...1_000_000)
      return try await context.withServices { services in
        guard let template = try await services.templates.find(id, version: version) else {
          throw CommandFailure("there is no such template or version")
        }
        let subject = template.content.subject.map { "Subject: \(visible($0))\n\n" } ?? ""
        context.print(subject + template.content.body) { $0.value(template) }
        return .success
      }
    }
  }

  private var renderTemplate: Command {
    command(
      "render", "Shows what would be written to a lead.", options: [Self.value],
      positionals: [.required("id", "The template's id."), .required("lead", "The lead's id.")],
      examples: [
        Example(
          "reservoir templates render 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52 "
            + "019aa777-31f0-7a94-8d60-2f7be1c93a07 --value sender.name=Ada", "For one lead.")
      ]
    ) { context in
      let id = try context.templateID()
      guard let lead = ID<Lead>(context.invocation.text("lead")) else {
        throw context.usage("<lead>: expected a UUID")
      }
      let values = try context.templateValues()
      return try await context.withServices { services in
        switch try await services.templates.render(id, for: lead, values: values) {
        case .unknownTemplate: throw CommandFailure("there is no such template")
        case .unknownLead: throw CommandFailure("there is no such lead")
        case .leadGone: throw CommandFailure("the lead was merged into another one, or forgotten")
        case .refused(let refused): throw CommandFailure(refused.lines)
        case .done(let content, _):
          let subject = content.subject.map { "Subject: \(visible($0))\n\n" } ?? ""
          context.print(subject + content.body) { writer in
            writer.object { object in
              object.field("subject", content.subject)
              object.field("body", content.body)
              object.field("sms", content.length)
            }
          }
          return .success
        }
      }
    }
  }

  private var lintTemplate: Command {
    command(
      "lint", "Holds a template against leads: who lacks which field, for whom it cannot be rendered.",
      discussion: "Of more than 10,000 leads a sample is looked at. Exits with 1 when it fails for somebody.",
      options: [
        Self.value, .value("client", "CLIENT", "Against this client's leads: a name or an id."),
        .values("where", "CONDITION", "Against leads like these, as in 'reservoir leads search'."),
      ],
      positionals: [.required("id", "The template's id.")],
      examples: [
        Example(
          "reservoir templates lint 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52 --where seniority=vp", "For all VPs."
        )
      ]
    ) { context in
      let id = try context.templateID()
      var query = LeadQuery(conditions: try context.conditions())
      let values = try context.templateValues()
      let client = context.invocation.optional("client")
      return try await context.withServices { services in
        if let client { query.clientID = try await services.client(client).id }
        guard let template = try await services.templates.find(id) else {
          throw CommandFailure("there is no such template")
        }
        let lint: TemplateLint
        do {
          lint = try await services.templates.lint(
            template.content, channel: template.channel, against: query, values: values)
        } catch let refused as TemplateErrors {
          throw CommandFailure(refused.lines)
        }
        context.tell(lint)
        return lint.report.failing == 0 ? .success : .failure
      }
    }
  }
}

extension CommandContext {
  fileprivate func templateID() throws -> ID<Template> {
    guard let id = ID<Template>(invocation.text("id")) else { throw usage("<id>: expected a UUID") }
    return id
  }

  fileprivate func content() throws -> TemplateContent {
    let path = invocation.text("body")
    guard let body = try TextFile.read(path) else {
      throw CommandFailure("there is no file \(visible(path))")
    }
    let variables = (invocation.optional("variables") ?? "").split(separator: ",").map(String.init)
    guard variables.allSatisfy(TemplateContent.isVariable) else {
      throw usage("--variables: expected names with a dot, such as sender.name")
    }
    return TemplateContent(
      subject: invocation.optional("subject"), body: body, format: invocation.flag("html") ? .html : .text,
      variables: variables)
  }

  fileprivate func templateValues() throws -> [String: String] {
    var values: [String: String] = [:]
    for text in invocation.values("value") {
      guard let sign = text.firstIndex(of: "=") else { throw usage("--value: expected NAME=TEXT") }
      values[String(text[..<sign])] = String(text[text.index(after: sign)...])
    }
    return values
  }

  fileprivate func tell(
    _ outcome: TemplateService.Outcome, _ text: (Template) -> String
  ) throws -> ExitCode {
    switch outcome {
    case .done(let template):
      print(text(template)) { $0.value(template) }
      return .success
    case .unknownClient: throw CommandFailure("there is no such client")
    case .unknownTemplate: throw CommandFailure("there is no such template")
    case .nameTaken: throw CommandFailure("there is a template of this name already")
    case .refused(let refused): throw CommandFailure(refused.lines)
    }
  }

  fileprivate func tell(_ lint: TemplateLint) {
    if isJSON { return print { $0.value(lint) } }
    let about = lint.matching.isEstimate ? "about " : ""
    console.print(
      "\(lint.report.leads) leads looked at\(lint.isSample ? ", of \(about)\(lint.matching.value)" : "")")
    var table = Table([.text("FIELD"), .number("EMPTY"), .text("FALLBACK")])
    for field in lint.report.fields {
      table.add([field.field.name, "\(field.empty)", field.isNeeded ? "none" : "yes"])
    }
    console.out.write(table.text(for: console.out, empty: "it speaks of no field"))
    console.print("it cannot be rendered for \(lint.report.failing)")
    guard let longest = lint.report.longest else { return }
    console.print(
      "the longest SMS has \(longest.units) of \(longest.limit) units; too long: \(lint.report.tooLong)")
  }
}

extension TemplateErrors {
  /// A line for each error.
  fileprivate var lines: String {
    errors.map { error in
      let name = error.name.map { "\($0): " } ?? ""
      return "\(error.part.rawValue), line \(error.line), column \(error.column): \(name)\(error.detail)"
    }.joined(separator: "\n")
  }
}
