/// What is written to leads on one channel: the platform's or a client's.
public struct Template: Hashable, Sendable {
  public let id: ID<Template>
  /// Nil: the platform's.
  public let clientID: ID<Client>?
  /// Unique among the client's, or the platform's.
  public let name: TemplateName
  public let channel: Channel
  /// From 1; each change makes a new one, and the old ones stay.
  public var version: Int
  public var content: TemplateContent
  public let createdAt: Timestamp
  /// When this version was made.
  public var updatedAt: Timestamp

  public init(
    id: ID<Template>, clientID: ID<Client>?, name: TemplateName, channel: Channel, version: Int = 1,
    content: TemplateContent, createdAt: Timestamp, updatedAt: Timestamp
  ) {
    self.id = id
    self.clientID = clientID
    self.name = name
    self.channel = channel
    self.version = version
    self.content = content
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

/// 1 to 200 characters (Unicode scalars) on one line.
public struct TemplateName: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// Nil unless 1 to 200 characters, none of them a control character, no white space at the ends.
  public init?(_ text: String) {
    guard text.isPlainLine(1...200), text.unicodeScalars.count <= 200 else { return nil }
    self.text = text
  }

  /// A name that was valid when it was stored.
  public init(unchecked text: String) { self.text = text }

  public var description: String { text }
}

/// What a look at many leads says of a template.
public struct TemplateReport: Sendable {
  public struct Field: Hashable, Sendable {
    public let field: LeadField
    /// Written somewhere without a fallback.
    public let isNeeded: Bool
    /// Leads that do not have it.
    public var empty: Int
  }

  /// Leads that were looked at.
  public private(set) var leads = 0
  public private(set) var fields: [Field]
  /// Leads for whom it cannot be rendered.
  public private(set) var failing = 0
  /// Of them: those whose SMS is longer than a segment.
  public private(set) var tooLong = 0
  /// The SMS that comes nearest to the end of its segment, or is farthest beyond it.
  public private(set) var longest: SMSLength?

  private let template: ParsedTemplate
  private let values: [String: String]

  /// - Parameter values: of the variables; one that is missing is taken for its own name.
  public init(_ template: ParsedTemplate, values: [String: String]) {
    self.template = template
    self.values = values.merging(template.content.variables.map { ($0, $0) }) { given, _ in given }
    let needed = template.needed
    fields = template.fields.map { Field(field: $0, isNeeded: needed.contains($0), empty: 0) }
  }

  /// - Parameter facts: with `template.fields`.
  public mutating func look(at facts: LeadFacts) {
    leads += 1
    for index in fields.indices where facts[fields[index].field] == nil { fields[index].empty += 1 }
    if case .failure(let failure) = template.render(facts, values: values) {
      failing += 1
      if failure.errors.contains(where: { $0.code == .tooLong }) { tooLong += 1 }
    }
    guard let length = template.smsLength(facts, values: values) else { return }
    if longest.map({ length.units * $0.limit > $0.units * length.limit }) ?? true { longest = length }
  }
}
