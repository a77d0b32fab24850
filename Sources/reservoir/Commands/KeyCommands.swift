import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  var keys: Command {
    Command(
      "keys", "Keys of the HTTP interface.",
      discussion: "A key is shown once, when it is made; only its hash is stored.",
      subcommands: [createKey, listKeys, revokeKey])
  }

  private var createKey: Command {
    command(
      "create", "Makes a key and prints it, this one time.",
      options: [
        .value("name", "TEXT", "What the key is for.", required: true),
        .value("role", "ROLE", "operator, client or sender.", default: "operator"),
        .value("client", "CLIENT", "The id or exact name of the client, for the roles client and sender."),
      ],
      examples: [
        Example("KEY=$(reservoir keys create --name laptop)", "A key that may do everything."),
        Example(
          "reservoir keys create --name n8n --role sender --client 'My Reverse Options'",
          "A key that may lease for one client."),
      ]
    ) { context in
      let words = context.invocation
      let role = try words.choice("role", of: Role.self)
      let name = words.text("name")
      guard APIKey.isName(name) else {
        throw context.usage("--name: expected 1 to 200 characters on one line")
      }
      guard role.belongsToClient == (words.optional("client") != nil) else {
        throw context.usage(
          role.belongsToClient
            ? "--client CLIENT is missing: a key of this role belongs to one"
            : "--client: an operator belongs to none")
      }
      return try await context.withServices { services in
        let scope = try await services.scope(role, client: words.optional("client"))
        guard
          case .fresh(.created(let key, let secret)) = try await services.keys.create(
            name: name, scope: scope, actor: .commandLine)
        else { throw CommandFailure("there is no such client any more") }
        context.print(secret.text) { $0.value(NewKey(key: key, secret: secret.text)) }
        if !context.isJSON { context.console.note("Made the key \(key.id). Keep it: it is not shown again.") }
        return .success
      }
    }
  }

  private var listKeys: Command {
    command(
      "list", "Lists keys, the oldest first; never the keys themselves.", options: [.limit],
      examples: [Example("reservoir keys list", "All keys with their first characters.")]
    ) { context in
      try await context.withServices { services in
        let keys: [APIKey] = try await context.gather { last, limit in
          try await services.keys.list(after: last?.id, limit: limit)
        }
        context.print(
          keys,
          [
            .whole("ID"), .text("NAME"), .text("ROLE"), .whole("BEGINS"), .whole("CLIENT"), .whole("REVOKED"),
          ],
          empty: "no keys yet; 'reservoir keys create --name NAME' makes one"
        ) {
          let key = $0
          return [
            "\(key.id)", key.name, key.role.rawValue, key.prefix, key.clientID?.description ?? "-",
            key.revokedAt?.description ?? "-",
          ]
        }
        return .success
      }
    }
  }

  private var revokeKey: Command {
    command(
      "revoke", "Ends a key for ever; servers refuse it within seconds.",
      positionals: [.required("id", "The id of the key, as 'keys list' shows it.")],
      examples: [Example("reservoir keys revoke 019aa082-8660-7e05-b7aa-1d5c83f94e60", "Ends this key.")]
    ) { context in
      let id = try context.invocation.optional("id", expected: "the id of a key", parse: ID<APIKey>.init)
      return try await context.withServices { services in
        guard let id, let key = try await services.keys.revoke(id, actor: .commandLine) else {
          throw CommandFailure("there is no key with this id")
        }
        context.print("revoked \(key.id)") { $0.value(key) }
        return .success
      }
    }
  }
}

extension APIKey {
  /// As in the HTTP interface: 1 to 200 characters without control characters.
  fileprivate static func isName(_ text: String) -> Bool {
    (1...200).contains(text.count) && visible(text) == text
  }
}

extension Services {
  fileprivate func scope(_ role: Role, client text: String?) async throws -> KeyScope {
    guard let text else { return .operator }
    let id = try await client(text).id
    return role == .client ? .client(id) : .sender(id)
  }
}

/// A key with its secret, as `POST /v1/keys` answers it.
private struct NewKey: JSONWritable {
  let key: APIKey
  let secret: String

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", key.id)
      $0.field("name", key.name)
      $0.field("role", key.role.rawValue)
      $0.field("client_id", key.clientID)
      $0.field("prefix", key.prefix)
      $0.field("created_at", key.createdAt)
      $0.field("key", secret)
    }
  }
}
