/// Finds what somebody may have meant by a name that does not exist.
public enum SimilarNames {
  /// The closest of `names`, best first, at most `limit`; none when nothing is close.
  ///
  /// Close means: equal but for case and spacing, one a beginning of the other (three characters or more), or
  /// at most a quarter of the longer one's characters (and at least one) added, lost, replaced or swapped.
  public static func hints(for name: String, among names: some Sequence<String>, limit: Int = 3) -> [String] {
    let wanted = folded(name)
    guard !wanted.isEmpty, wanted.count <= longest else { return [] }
    var best: [(distance: Int, name: String)] = []
    for candidate in names {
      guard let distance = distance(wanted, folded(candidate)) else { continue }
      best.append((distance, candidate))
    }
    best.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return best.prefix(limit).map(\.name)
  }

  /// Longer texts are not names, and comparing takes time in proportion to the square of the length.
  private static let longest = 200

  private static func folded(_ name: String) -> [Character] {
    Array(name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }

  /// Nil when the two are not close. What is only a beginning comes after every slip of the same length.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int? {
    let (shorter, longer) = a.count <= b.count ? (a, b) : (b, a)
    guard longer.count <= longest else { return nil }
    let allowed = max(1, longer.count / 4)
    let isBeginning = shorter.count >= 3 && longer.starts(with: shorter)
    guard longer.count - shorter.count <= allowed else { return isBeginning ? allowed + 1 : nil }
    let steps = editDistance(a, b)
    return steps <= allowed ? steps : isBeginning ? allowed + 1 : nil
  }

  /// The Damerau-Levenshtein distance in its restricted form: no part is edited twice.
  static func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in b.indices {
        var steps = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { steps = min(steps, beforeLast[j - 1] + 1) }
        row.append(steps)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
