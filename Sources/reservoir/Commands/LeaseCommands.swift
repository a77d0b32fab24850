import API
import Domain
import Engine
import Terminal

extension ReservoirProgram {
  var leaseNumber: Command {
    command(
      "lease", "Gives a lead a number of a client's pool, for 18 hours.",
      discussion: "A lead that holds a number of this client already gets that same lease.",
      options: [
        .value("client", "CLIENT", "The id or exact name of the client.", required: true),
        .value("lead", "ID", "The id of the lead.", required: true),
        .value("customer-phone", "NUMBER", "The lead's own number."),
        .value("near", "PLACE", "An area code or territory that is preferred."),
      ],
      examples: [
        Example(
          "reservoir numbers lease --client 'My Reverse Options' --lead $(reservoir leads create)",
          "A number for a new lead.")
      ]
    ) { context in
      let words = context.invocation
      let lead = try words.optional("lead", expected: "the id of a lead", parse: ID<Lead>.init)
      let phone = try words.optional("customer-phone", expected: "a telephone number") {
        PhoneNumber(parsing: $0)
      }
      let near = try words.optional("near", expected: "an area code or a territory", parse: Near.init)
      guard let lead else { preconditionFailure("--lead is required") }
      return try await context.withServices { services in
        let client = try await services.client(words.text("client"))
        let command = LeaseCommand(
          pool: .client(client.id), leadID: lead, customerPhone: phone, near: near, actor: .commandLine)
        guard case .fresh(let outcome) = try await services.leases.lease(command) else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        return try context.report(outcome)
      }
    }
  }

  var releaseNumber: Command {
    command(
      "release", "Ends a lease: the number is free for the next lead.",
      options: [.value("term", "N", "The term of the lease that is meant; if it is over, nothing changes.")],
      positionals: [.required("lease", "The id of the lease, or the provider's id of the number.")],
      examples: [
        Example("reservoir numbers release 45b2f2bb-5d0f-4c96-b43f-673584207d9d", "Frees this number."),
        Example(
          "reservoir numbers release 019aa777-39c0-7b1d-a5c8-90e34f6d2b18 --term 7", "Ends this lease only."),
      ]
    ) { context in
      let text = context.invocation.text("lease")
      let term = try context.invocation.optionalInteger("term", in: 1 ... .max)
      return try await context.withServices { services in
        guard let lease = try await services.lease(text) else {
          throw CommandFailure("there is no such lease, and no number of this provider id that is leased")
        }
        let call = LeaseCall(
          id: lease, kind: .release, term: term.map(Int64.init), actor: .commandLine)
        guard case .fresh(let outcome) = try await services.leases.change(call) else {
          preconditionFailure("a command without an idempotency key was answered from memory")
        }
        switch outcome {
        case .applied(let ended):
          context.print("released \(ended.number.e164)") { $0.value(ended) }
          return .success
        case .unchanged(.staleTerm, let lease):
          throw CommandFailure("the number was leased anew; its term is now \(lease.term). Nothing changed.")
        case .unchanged: throw CommandFailure("the lease has ended already. Nothing changed.")
        case .refused, .unknown: throw CommandFailure("there is no such lease")
        }
      }
    }
  }
}

extension Services {
  /// The lease of this id, else the one that the number of this provider id carries.
  fileprivate func lease(_ text: String) async throws -> ID<Lease>? {
    if let id = ID<Lease>(text), try await leases.find(id) != nil { return id }
    guard let id = ProviderNumberID(text) else { return nil }
    return try await numbers.get(id)?.leaseID
  }
}

extension CommandContext {
  fileprivate func report(_ outcome: LeaseOutcome) throws -> ExitCode {
    switch outcome {
    case .granted(let lease): show(lease, "leased")
    case .held(let lease): show(lease, "held already:")
    case .unknownLead: throw CommandFailure("there is no such lead; 'reservoir leads create' makes one")
    case .unknownCompany: throw CommandFailure("there is no such client any more")
    case .exhausted(let totals): throw CommandFailure(Self.explain(totals))
    }
    return .success
  }

  private func show(_ lease: Lease, _ verb: String) {
    print(
      """
      \(verb) \(lease.number.e164) until \(lease.releaseAt)
      lease \(lease.id), term \(lease.term), provider id \(lease.providerNumberID.text)
      """
    ) { $0.value(lease) }
  }

  private static func explain(_ totals: PoolTotals) -> String {
    guard totals.total > 0 else {
      return "the client has no numbers; 'reservoir numbers import FILE' brings some in"
    }
    let next = totals.nextFreeAt.map { "; the next one comes free at \($0)" } ?? ""
    return "no number is free: \(totals.leased) leased, \(totals.outOfService) out of service\(next)"
  }
}
