/// What a template says: the text of one version.
public struct TemplateContent: Hashable, Sendable {
  public enum Format: String, CaseIterable, Hashable, Sendable {
    case text
    /// Values are escaped, so that they are text wherever they stand in HTML.
    case html
  }

  /// Of emails, and only of them.
  public var subject: String?
  public var body: String
  public var format: Format
  /// Names of values that the sender gives: with a dot, so that no field ever has the name.
  public var variables: [String]

  public static let longestSubject = 500
  public static let longestBody = 100_000
  public static let mostVariables = 50

  public init(subject: String? = nil, body: String, format: Format = .text, variables: [String] = []) {
    self.subject = subject
    self.body = body
    self.format = format
    self.variables = variables
  }

  /// Whether a variable may be called so: words of letters, digits and underscores with dots between them,
  /// such as `sender.first_name`.
  public static func isVariable(_ name: String) -> Bool {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    return name.utf8.count <= 64 && words.count >= 2
      && words.allSatisfy { word in
        !word.isEmpty
          && word.utf8.allSatisfy { $0 == 95 || (48...57).contains($0) || (97...122).contains($0) }
      }
  }
}

/// What is sent.
public struct RenderedContent: Hashable, Sendable {
  public let subject: String?
  public let body: String
  /// Of an SMS.
  public let length: SMSLength?
}

extension RenderedContent: CustomStringConvertible {
  /// The lengths: what is said to a person is personal.
  public var description: String { "content of \(body.count) characters" }
}

/// A template that was read, ready to be rendered for one lead after another.
public struct ParsedTemplate: Sendable {
  public let channel: Channel
  public let content: TemplateContent
  private let subject: [TemplateNode]?
  private let body: [TemplateNode]

  /// - Throws: everything that is wrong with subject and body.
  public init(_ content: TemplateContent, channel: Channel) throws(TemplateErrors) {
    self.channel = channel
    self.content = content
    var errors = Self.parts(content, channel)
    let variables = Set(content.variables)
    func nodes(_ text: String, _ part: TemplateError.Part) -> [TemplateNode] {
      do throws(TemplateErrors) {
        return try TemplateParser.nodes(text, part: part, variables: variables)
      } catch {
        errors += error.errors
        return []
      }
    }
    subject = content.subject.map { nodes($0, .subject) }
    body = nodes(content.body, .body)
    guard errors.isEmpty else { throw TemplateErrors(errors) }
  }

  /// What a channel asks of the parts.
  private static func parts(_ content: TemplateContent, _ channel: Channel) -> [TemplateError] {
    func fault(_ part: TemplateError.Part, _ detail: String) -> TemplateError {
      TemplateError(.part, part, at: .start, detail)
    }
    var errors: [TemplateError] = []
    if let subject = content.subject {
      if channel != .email { errors.append(fault(.subject, "only emails have a subject")) }
      let length = subject.unicodeScalars.count
      if !(1...TemplateContent.longestSubject).contains(length) || subject.containsControlCharacter {
        errors.append(
          fault(.subject, "expected 1 to \(TemplateContent.longestSubject) characters on one line"))
      }
    } else if channel == .email {
      errors.append(fault(.subject, "an email has a subject"))
    }
    if !(1...TemplateContent.longestBody).contains(content.body.unicodeScalars.count) {
      errors.append(fault(.body, "expected 1 to \(TemplateContent.longestBody) characters"))
    }
    if content.format == .html, channel != .email { errors.append(fault(.body, "only emails are HTML")) }
    return errors
  }

  /// The fields that it speaks of, in the order of `LeadField.all`.
  public var fields: [LeadField] {
    var found: Set<LeadField> = []
    for use in uses { if case .field(let field) = use.subject { found.insert(field) } }
    return LeadField.all.filter(found.contains)
  }

  /// The fields that a lead must have, unless a block is left out: written without a fallback.
  public var needed: Set<LeadField> {
    Set(
      uses.compactMap { use in
        if case .field(let field) = use.subject, use.isNeeded { field } else { nil }
      })
  }

  private var uses: [(subject: TemplateSubject, isNeeded: Bool)] {
    func collect(_ nodes: [TemplateNode]) -> [(TemplateSubject, Bool)] {
      nodes.flatMap { node -> [(TemplateSubject, Bool)] in
        switch node {
        case .text: []
        case .value(let subject, _, let fallback, _): [(subject, fallback == nil)]
        case .block(let condition, let then, let otherwise):
          [(condition.subject, false)] + collect(then) + collect(otherwise)
        }
      }
    }
    return collect(subject ?? []) + collect(body)
  }

  /// - Parameter values: of the declared variables; others are ignored.
  public func render(
    _ facts: LeadFacts, values: [String: String] = [:]
  ) -> Result<RenderedContent, TemplateErrors> {
    var first = TemplateRendering(facts: facts, values: values, part: .subject, escapes: false)
    var second = TemplateRendering(
      facts: facts, values: values, part: .body, escapes: content.format == .html)
    if let subject { first.write(subject) }
    second.write(body)
    var errors = first.errors + second.errors
    let length = channel == .sms ? SMSLength(second.text) : nil
    if errors.isEmpty, let length, !length.fits {
      errors.append(
        TemplateError(
          .tooLong, .body, at: .start,
          "\(length.units) of \(length.limit) units of one segment (\(length.encoding.rawValue))"))
    }
    guard errors.isEmpty else { return .failure(TemplateErrors(errors)) }
    let title = subject.map { _ in first.text.split(whereSeparator: \.isNewline).joined(separator: " ") }
    return .success(RenderedContent(subject: title, body: second.text, length: length))
  }

  /// As `render`, but also when it is longer than one segment.
  public func smsLength(_ facts: LeadFacts, values: [String: String] = [:]) -> SMSLength? {
    var rendering = TemplateRendering(facts: facts, values: values, part: .body, escapes: false)
    rendering.write(body)
    return channel == .sms && rendering.errors.isEmpty ? SMSLength(rendering.text) : nil
  }
}
