/// What names of domains to buy are made from: `acme` and `growth` and `com` make `acmegrowth.com`,
/// `growthacme.com` and `acme-growth.com`.
public struct NameParts: Hashable, Sendable {
  public var stems: [String]
  public var words: [String]
  public var endings: [String]

  public init(stems: [String], words: [String], endings: [String]) {
    self.stems = stems
    self.words = words
    self.endings = endings
  }

  public static let none = NameParts(stems: [], words: [], endings: [])

  /// Lower-case letters and digits, as a part of a label.
  public static func isPart(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count)
      && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
  }

  /// `com`, `co.uk`: one to three labels, the last of letters alone.
  public static func isEnding(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard (1...3).contains(labels.count), let last = labels.last, (2...40).contains(last.utf8.count)
    else { return false }
    return labels.allSatisfy(isPart) && last.utf8.allSatisfy { (97...122).contains($0) }
  }
}

/// Which names an order tries: every way to put the parts together, in an order that its seed decides, so
/// that the same order always tries the same names and two orders rarely the same ones.
public struct DomainNaming: Sendable {
  private let parts: NameParts
  private let seed: UInt64

  public init(_ parts: NameParts, seed: UInt64) {
    self.parts = parts
    self.seed = seed
  }

  /// At most `limit` names that are not in `taken`.
  public func candidates(except taken: Set<String>, limit: Int) -> [DomainName] {
    var found: [DomainName] = []
    var seen = taken
    var generator = SeededGenerator(state: seed)
    for label in labels().shuffled(using: &generator) {
      for ending in parts.endings {
        guard found.count < limit else { return found }
        guard let name = DomainName("\(label).\(ending)"), seen.insert(name.text).inserted else { continue }
        found.append(name)
      }
    }
    return found
  }

  private func labels() -> [String] {
    var labels: [String] = []
    for stem in parts.stems {
      for word in parts.words {
        labels += ["\(stem)\(word)", "\(word)\(stem)", "\(stem)-\(word)", "\(word)-\(stem)"]
      }
    }
    return labels
  }
}

/// SplitMix64: small, and the same on every machine.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
