/// What a tag speaks of: a field of leads, or a value that the sender gives.
public enum TemplateSubject: Hashable, Sendable {
  case field(LeadField)
  case variable(String)

  public var name: String {
    switch self {
    case .field(let field): field.name
    case .variable(let name): name
    }
  }
}

/// A change of what is written.
public enum TemplateFilter: String, CaseIterable, Hashable, Sendable {
  case lower, upper
  /// The first letter of each word in upper case, the others in lower case.
  case capitalize
  /// Of a list only its first entry.
  case first
}

/// A piece of a template.
indirect enum TemplateNode: Hashable, Sendable {
  case text(String)
  case value(TemplateSubject, [TemplateFilter], fallback: String?, TemplatePlace)
  case block(TemplateCondition, then: [TemplateNode], otherwise: [TemplateNode])
}

/// Whether a block is written.
struct TemplateCondition: Hashable, Sendable {
  let subject: TemplateSubject
  /// Nil: whether it is known at all, and no flag that says no.
  let equals: String?
  let isNegated: Bool
}
