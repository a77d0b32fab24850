extension Check {
  /// All of them, in the order in which they are run.
  public static let all: [Check] = []
}
