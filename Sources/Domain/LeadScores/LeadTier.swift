/// How promising a lead is, by its score (R19).
public enum LeadTier: String, CaseIterable, Hashable, Sendable {
  /// 85 to 100.
  case hot
  /// 60 to 84.
  case warm
  /// 35 to 59.
  case cool
  /// 20 to 34.
  case cold
  /// Below 20: no channel at all.
  case dead

  /// - Parameter score: 0 to 100.
  public init(score: Int) {
    self =
      switch score {
      case 85...: .hot
      case 60...: .warm
      case 35...: .cool
      case LeadScore.leastUseful...: .cold
      default: .dead
      }
  }
}
