/// How a page of a search is read. Both ways end after a bounded number of leads, however rare or common what
/// is looked for:
///
/// - **gather**: all that the index finds, then in order. Good when that is little.
/// - **walk**: the leads in order, each looked at, until the page is full. Good when many fit.
public struct LeadSearchPlan: Hashable, Sendable {
  public enum Step: Hashable, Sendable {
    /// Gives up, with nothing found, when the index has more leads than this.
    case gather(most: Int)
    /// Ends after so many leads, and says where.
    case walk(most: Int)
  }

  /// To be tried one after the other, until the page is full or the list is at its end.
  public let steps: [Step]

  /// Leads that a page looks at, at most, on a walk.
  public static let bound = 20_000
  /// The same when words are looked for in each of them, which takes some times as long.
  public static let boundOfText = 5_000
  /// Leads that the index may have for a page.
  public static let gathered = 40_000

  /// - Parameters:
  ///   - found: how many leads the index is expected to find; nil when it cannot help.
  ///   - total: leads that a walk could pass.
  ///   - limit: of the page.
  public init(found: Int?, total: Int, limit: Int, hasText: Bool) {
    let bound = hasText ? Self.boundOfText : Self.bound
    let walk = Step.walk(most: bound)
    guard let found else {
      steps = [walk]
      return
    }
    let walked = Double(max(limit, 1)) * Double(max(total, 1)) / Double(max(found, 1))
    let cost = walked * (hasText ? 4 : 1)
    // A walk that is not expected to fill the page would leave the search where it was.
    let isGathered = Double(found) <= cost || walked > Double(bound)
    let gather = Step.gather(most: Self.gathered)
    steps = isGathered ? [gather, walk] : [walk, gather]
  }
}
