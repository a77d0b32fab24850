import API
import Domain
import Engine
import Store
import Terminal

extension ReservoirProgram {
  var numbers: Command {
    Command(
      "numbers", "The phone numbers: import, list, lease, release, history.",
      subcommands: [importNumbers, listNumbers, leaseNumber, releaseNumber, holders])
  }

  private var listNumbers: Command {
    command(
      "list", "Lists numbers in the order of their provider ids.",
      options: [
        .value("client", "CLIENT", "Only those of the client of this id or exact name."),
        .value("status", "STATUS", "Only active, inactive or maintenance."),
        .value("assignment-status", "STATUS", "Only available or assigned."),
        .value("area-code", "DIGITS", "Only those of this area code."), .limit,
      ],
      examples: [
        Example("reservoir numbers list --assignment-status assigned", "What is leased."),
        Example("reservoir numbers list --client 'My Reverse Options' --json", "One client's, for programs."),
      ]
    ) { context in
      let words = context.invocation
      var filter = NumberFilter()
      filter.status = try words.optional("status", expected: "active, inactive or maintenance") {
        PhoneNumberStatus(rawValue: $0)
      }
      filter.assignmentStatus = try words.optional("assignment-status", expected: "available or assigned") {
        AssignmentStatus(rawValue: $0)
      }
      filter.areaCode = words.optional("area-code")
      return try await context.withServices { [filter] services in
        var filter = filter
        if let client = words.optional("client") { filter.clientID = try await services.client(client).id }
        let numbers: [PooledNumber] = try await context.gather { last, limit in
          try await services.numbers.list(filter, after: last?.providerNumberID, limit: limit)
        }
        context.print(
          numbers,
          [
            .whole("PROVIDER ID"), .whole("NUMBER"), .text("NAME"), .text("COMPANY"), .text("STATUS"),
            .whole("HELD UNTIL"),
          ], empty: "no numbers; 'reservoir numbers import FILE' brings some in"
        ) {
          let number = $0
          return [
            number.providerNumberID.text, number.number.e164, number.name, number.company?.text ?? "-",
            number.status.rawValue, number.releaseAt?.description ?? "-",
          ]
        }
        return .success
      }
    }
  }

  private var holders: Command {
    command(
      "holders", "Shows which leads held a number, and when.",
      options: [
        .value("at", "TIME", "Only who held it at this instant, such as 2025-11-21T17:30:00Z."), .limit,
      ],
      positionals: [.required("provider-id", "The provider's id of the number.")],
      examples: [
        Example(
          "reservoir numbers holders 45b2f2bb-5d0f-4c96-b43f-673584207d9d", "Its whole history, newest first."
        ),
        Example(
          "reservoir numbers holders 45b2f2bb-5d0f-4c96-b43f-673584207d9d --at 2025-11-21T17:30:00Z",
          "Who called from it then."),
      ]
    ) { context in
      let id = try context.providerNumberID()
      let instant = try context.invocation.optional("at", expected: "a time such as 2025-11-21T17:30:00Z") {
        Timestamp($0)
      }
      return try await context.withServices { services in
        guard try await services.numbers.get(id) != nil else {
          throw CommandFailure("there is no number with this provider id")
        }
        let leases: [Lease]
        if let instant {
          leases = try await services.leases.holder(of: id, at: instant).map { [$0] } ?? []
        } else {
          leases = try await context.gather { last, limit in
            try await services.leases.list(
              .init(numberID: id), after: last.map { .init(leasedAt: $0.leasedAt, id: $0.id) }, limit: limit)
          }
        }
        context.print(
          leases,
          [.whole("LEAD"), .whole("LEASED"), .whole("UNTIL"), .text("ENDED BY"), .whole("LEASE")],
          empty: "nobody"
        ) {
          let lease = $0
          return [
            "\(lease.leadID)", "\(lease.leasedAt)", "\(lease.endedAt ?? lease.releaseAt)",
            lease.endReason?.rawValue ?? "-", "\(lease.id)",
          ]
        }
        return .success
      }
    }
  }
}

extension CommandContext {
  func providerNumberID() throws -> ProviderNumberID {
    guard let id = ProviderNumberID(invocation.text("provider-id")) else {
      throw usage("<provider-id>: expected 1 to 100 visible ASCII characters")
    }
    return id
  }
}
