import Domain
import Postgres
import Runtime
import Store

/// Templates: kept, rendered for a lead, and held against many leads.
///
/// A template's text is read with its variables whenever it is used, so that what is stored by SQL users is
/// held to the same rules.
public struct TemplateService: Sendable {
  public enum Outcome: Hashable, Sendable {
    case done(Template)
    case unknownClient
    /// There is no such template, or it is another client's.
    case unknownTemplate
    /// Another template of the client, or of the platform, has this name.
    case nameTaken
    case refused(TemplateErrors)
  }

  public enum Rendering: Hashable, Sendable {
    case done(RenderedContent, Template)
    case unknownTemplate
    /// There is no such lead, or it is another client's.
    case unknownLead
    /// The lead was merged or forgotten.
    case leadGone
    case refused(TemplateErrors)
  }

  let database: Database
  private let time: any TimeSource

  public init(database: Database, time: any TimeSource) {
    self.database = database
    self.time = time
  }

  /// - Parameter client: whose it is to be; nil: the platform's.
  public func create(
    _ name: TemplateName, for client: ID<Client>?, channel: Channel, content: TemplateContent, actor: Actor,
    idempotency: Idempotency<Outcome>? = nil
  ) async throws -> Answered<Outcome> {
    let now = time.now
    return try await database.transaction { transaction in
      try Idempotency.perform(idempotency, now: now, in: &transaction) { transaction in
        ActorStore.act(as: actor, because: "template", now: now, in: &transaction)
        if let client, try SubscriptionStore.lock(client, in: &transaction) == nil { return .unknownClient }
        do throws(TemplateErrors) { _ = try ParsedTemplate(content, channel: channel) } catch {
          return .refused(error)
        }
        let new = Template(
          id: ID(at: now), clientID: client, name: name, channel: channel, content: content, createdAt: now,
          updatedAt: now)
        guard let made = try TemplateStore.insert(new, in: &transaction) else { return .nameTaken }
        return .done(made)
      }
    }
  }

  /// Makes a new version, unless nothing changes.
  ///
  /// - Parameter client: nil unless the template must be this client's.
  public func update(
    _ id: ID<Template>, _ content: TemplateContent, of client: ID<Client>? = nil, actor: Actor
  ) async throws -> Outcome {
    let now = time.now
    return try await database.transaction { transaction in
      ActorStore.act(as: actor, because: "template", now: now, in: &transaction)
      guard var template = try TemplateStore.lock(id, of: client, in: &transaction) else {
        return .unknownTemplate
      }
      do throws(TemplateErrors) { _ = try ParsedTemplate(content, channel: template.channel) } catch {
        return .refused(error)
      }
      guard content != template.content else { return .done(template) }
      template.content = content
      template.version += 1
      template.updatedAt = now
      TemplateStore.update(template, in: &transaction)
      return .done(template)
    }
  }

  /// - Parameters:
  ///   - version: nil: the latest.
  ///   - client: nil unless the template is this client's.
  public func find(
    _ id: ID<Template>, version: Int? = nil, of client: ID<Client>? = nil
  ) async throws -> Template? {
    try await database.transaction(.init(isReadOnly: true)) {
      try TemplateStore.find(id, version: version, of: client, in: &$0)
    }
  }

  /// The latest versions, in the order of the templates' creation.
  public func list(
    of client: ID<Client>? = nil, channel: Channel? = nil, after id: ID<Template>? = nil, limit: Int
  ) async throws -> [Template] {
    try await database.transaction(.init(isReadOnly: true)) {
      try TemplateStore.list(of: client, channel: channel, after: id, limit: limit, in: &$0)
    }
  }

  /// What would be written to the lead.
  ///
  /// - Parameters:
  ///   - values: of the template's variables.
  ///   - client: template and lead must be this client's.
  public func render(
    _ id: ID<Template>, version: Int? = nil, for lead: ID<Lead>, values: [String: String] = [:],
    of client: ID<Client>? = nil
  ) async throws -> Rendering {
    try await database.transaction(.init(isReadOnly: true)) { transaction in
      guard let template = try TemplateStore.find(id, version: version, of: client, in: &transaction) else {
        return .unknownTemplate
      }
      guard let known = try PoolLeadStore.find(lead, in: &transaction),
        try client == nil || PoolLeadStore.owner(of: lead, in: &transaction) == client
      else { return .unknownLead }
      guard known.mergedIntoID == nil, known.erasedAt == nil else { return .leadGone }
      do throws(TemplateErrors) {
        let parsed = try ParsedTemplate(template.content, channel: template.channel)
        return .done(try parsed.render(known.facts, values: values).get(), template)
      } catch {
        return .refused(error)
      }
    }
  }
}
