/// What a person decides in the company, by title and seniority; the higher of the two counts.
public enum Authority: String, CaseIterable, Hashable, Sendable {
  case owner, cLevel = "c_level", vicePresident = "vice_president", director
  case seniorManager = "senior_manager", manager, other

  public var points: Int {
    switch self {
    case .owner: 25
    case .cLevel: 22
    case .vicePresident: 18
    case .director: 15
    case .seniorManager: 10
    case .manager: 7
    case .other: 3
    }
  }

  public init(title: String?, seniority: String?) {
    let found = Self.parts(title ?? "").map(Self.ofTitle) + [Self.ofSeniority(seniority ?? "")]
    self = found.max { $0.points < $1.points } ?? .other
  }

  /// Apollo's words. A partner counts as a vice president, a head as a director.
  private static func ofSeniority(_ text: String) -> Authority {
    switch MatchText.words(text) {
    case " owner ", " founder ": .owner
    case " c suite ": .cLevel
    case " partner ", " vp ": .vicePresident
    case " head ", " director ": .director
    case " manager ": .manager
    default: .other
    }
  }

  /// A title may name several roles; roles that somebody had before, or only helps with, do not count.
  private static func parts(_ title: String) -> [String] {
    let separators: Set<Character> = [",", ";", "|", "/", "&", "+", "(", ")", "•", "·", "–", "—", "@"]
    let roles = title.split(whereSeparator: separators.contains).map { MatchText.words(String($0)) }
      .flatMap { $0.split(separator: " and ").map { " " + String($0) + " " } }
      .map { MatchText.words($0) }.filter { part in !notOwn.contains { part.contains($0) } }
    return roles.map(upToSomebodyElse)
  }

  /// `EA to CEO`: what follows is another person's role.
  private static func upToSomebodyElse(_ role: String) -> String {
    guard let own = role.split(separator: " to ").first else { return "" }
    return MatchText.words(String(own))
  }

  private static let notOwn = [
    " former ", " ex ", " retired ", " aspiring ", " assistant ", " intern ", " office of ", " to the ",
    " advisor to ", " coach ",
  ]

  private static func ofTitle(_ title: String) -> Authority {
    func has(_ phrases: String...) -> Bool { phrases.contains { title.contains(" \($0) ") } }
    if has("founder", "cofounder", "ceo", "chief executive", "business owner", "proprietor")
      || (isOwner(title) && !has("product", "process", "data", "service", "project", "system", "content"))
    {
      return .owner
    }
    if has("vp", "svp", "evp", "avp", "vice president") { return .vicePresident }
    if isChief(title) || has("president", "managing director") { return .cLevel }
    if has("director", "head") { return .director }
    guard has("manager") else { return .other }
    return has("senior", "sr") ? .seniorManager : .manager
  }

  /// `Owner`, `Owner of Acme`; not owner relations.
  private static func isOwner(_ title: String) -> Bool {
    title.hasSuffix(" owner ")
      || [" owner of ", " owner at ", " owner operator "].contains { title.contains($0) }
  }

  private static let chiefs: Set<String> = [
    "cto", "cfo", "coo", "cmo", "cio", "cro", "cpo", "chro", "ciso", "cdo", "cso", "cco", "clo", "cxo", "cao",
  ]

  /// `Chief Revenue Officer`, `CRO`; not a chief of staff.
  private static func isChief(_ title: String) -> Bool {
    title.split(separator: " ").contains { chiefs.contains(String($0)) }
      || (title.contains(" chief ") && title.contains(" officer "))
  }
}
