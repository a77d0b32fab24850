import API
import Domain
import Engine
import Store
import Terminal

extension ReservoirProgram {
  var campaigns: Command {
    Command(
      "campaigns", "What clients send with their resources.",
      subcommands: [createCampaign, listCampaigns, showCampaign, restrictCampaign])
  }

  private var createCampaign: Command {
    command(
      "create", "Makes a campaign that has what its client has, and prints its id.",
      discussion: """
        What the client gets later joins by itself; what it gives back leaves.
        'reservoir campaigns restrict' limits a campaign to some of the resources.
        """,
      positionals: [
        .required("client", "A name or an id."), .required("name", "Unique among the client's campaigns."),
      ],
      examples: [Example("reservoir campaigns create 'Acme' 'Spring'", "A campaign of Acme's.")]
    ) { context in
      guard let name = CampaignName(context.invocation.text("name")) else {
        throw context.usage("<name>: expected 1 to 200 characters on one line")
      }
      return try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        let answer = try await services.campaigns.create(name, for: client.id, actor: .commandLine)
        guard case .fresh(let outcome) = answer else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        return try context.tell(outcome) { "\($0.id)" }
      }
    }
  }

  private var listCampaigns: Command {
    command(
      "list", "Lists a client's campaigns, the oldest first.", options: [.limit],
      positionals: [.required("client", "A name or an id.")],
      examples: [Example("reservoir campaigns list 'Acme'", "All of Acme's campaigns.")]
    ) { context in
      try await context.withServices { services in
        let client = try await services.client(context.invocation.text("client"))
        let found: [Campaign] = try await context.gather { last, limit in
          try await services.campaigns.list(of: client.id, after: last?.id, limit: limit)
        }
        context.print(
          found, [.whole("ID"), .text("NAME"), .text("STATUS"), .text("RESOURCES")],
          empty: "no campaigns yet; 'reservoir campaigns create CLIENT NAME' makes one"
        ) {
          ["\($0.id)", $0.name.text, $0.status.rawValue, $0.isRestricted ? "selected" : "all"]
        }
        return .success
      }
    }
  }

  private var showCampaign: Command {
    command(
      "show", "Shows what a campaign has, and what each may do a day.", options: [.limit],
      positionals: [.required("id", "The campaign's id.")],
      examples: [
        Example("reservoir campaigns show 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52", "Resource by resource.")
      ]
    ) { context in
      let id = try context.campaignID()
      return try await context.withServices { services in
        let found: [CampaignResource] = try await context.gather { last, limit in
          let place = last.map {
            CampaignResourceStore.Place(assignmentID: $0.assignmentID, channel: $0.channel)
          }
          guard
            let page = try await services.campaigns.resources(of: id, after: place, limit: limit)
          else { throw CommandFailure("there is no such campaign") }
          return page
        }
        context.print(
          found,
          [
            .text("CHANNEL"), .text("RESOURCE"), .number("A DAY"), .text("WARMED"), .text("LIMITED BY"),
            .whole("ID"),
          ],
          empty: "it has no resources: its client has none that it may use"
        ) {
          [
            $0.channel.rawValue, $0.resource.value.text, $0.limit.actions.map { "\($0)" } ?? "domain's",
            $0.limit.isWarmed ? "yes" : "no",
            $0.limit.reasons.map(\.rawValue).joined(separator: ", "), "\($0.resource.id)",
          ]
        }
        return .success
      }
    }
  }

  private var restrictCampaign: Command {
    command(
      "restrict", "Limits a campaign to some of its client's resources, or lifts that.",
      options: [
        .value("resources", "IDS", "The ids of the resources, with commas between them."),
        .flag("all", "All that the client has, now and later."),
      ],
      positionals: [.required("id", "The campaign's id.")],
      examples: [
        Example(
          "reservoir campaigns restrict 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52 "
            + "--resources 019aa0b0-41d8-7b35-8c02-57d9e6f1a3b4", "One resource only."),
        Example("reservoir campaigns restrict 019aa07d-f280-7c3e-9f21-6b0d4e8a1c52 --all", "All again."),
      ]
    ) { context in
      let id = try context.campaignID()
      let selection = try context.selection()
      return try await context.withServices { services in
        let outcome = try await services.campaigns.select(selection, for: id, actor: .commandLine)
        return try context.tell(outcome) {
          $0.isRestricted ? "restricted" : "has all of its client's resources"
        }
      }
    }
  }
}

extension CommandContext {
  fileprivate func campaignID() throws -> ID<Campaign> {
    guard let id = ID<Campaign>(invocation.text("id")) else { throw usage("<id>: expected a UUID") }
    return id
  }

  fileprivate func selection() throws -> CampaignSelection {
    switch (invocation.optional("resources"), invocation.flag("all")) {
    case (nil, true): return .all
    case (let text?, false):
      let words = text.split(separator: ",")
      let ids = words.compactMap { ID<Resource>(String($0)) }
      guard ids.count == words.count, (1...CampaignSelection.most).contains(ids.count) else {
        throw usage("--resources: expected 1 to \(CampaignSelection.most) UUIDs with commas between them")
      }
      return .only(ids)
    default: throw usage("say either --resources or --all")
    }
  }

  fileprivate func tell(
    _ outcome: CampaignService.Outcome, _ text: (Campaign) -> String
  ) throws -> ExitCode {
    switch outcome {
    case .done(let campaign):
      print(text(campaign)) { $0.value(campaign) }
      return .success
    case .unknownClient: throw CommandFailure("there is no such client")
    case .unknownCampaign: throw CommandFailure("there is no such campaign")
    case .nameTaken: throw CommandFailure("the client has a campaign of this name already")
    case .ended: throw CommandFailure("the campaign has ended")
    case .notOwned(let ids):
      let list = ids.prefix(5).map(\.description).joined(separator: ", ")
      throw CommandFailure("the client does not have \(list)")
    }
  }
}
