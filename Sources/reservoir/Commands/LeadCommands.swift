import API
import Domain
import Engine
import Terminal

extension ReservoirProgram {
  var leads: Command {
    Command("leads", "The people who are called.", subcommands: [createLead])
  }

  private var createLead: Command {
    command(
      "create", "Makes a lead and prints its id.",
      options: [
        .value("email", "ADDRESS", "Where the lead writes from."),
        .value("first-name", "NAME", "The first name."),
        .value("last-name", "NAME", "The last name."),
      ],
      examples: [
        Example("reservoir leads create --email test@example.com --first-name Ada", "A lead; prints its id."),
        Example("LEAD=$(reservoir leads create)", "Keeps the id of a lead of whom nothing is known yet."),
      ]
    ) { context in
      let words = context.invocation
      func name(_ option: String) throws(UsageError) -> String? {
        try words.optional(option, expected: "1 to 100 characters on one line") { Lead.isName($0) ? $0 : nil }
      }
      let new = NewLead(
        primaryEmail: try words.optional("email", expected: "an address such as ada@example.com") {
          EmailAddress($0)
        }, firstName: try name("first-name"), lastName: try name("last-name"))
      return try await context.withServices { services in
        guard case .fresh(let lead) = try await services.leads.create(new, actor: .commandLine) else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        context.print("\(lead.id)") { $0.value(lead) }
        return .success
      }
    }
  }
}
