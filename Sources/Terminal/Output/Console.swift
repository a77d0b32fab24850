/// The two streams of a command: results on `out`, everything about the run on `err`, so that a pipe gets
/// results only.
public struct Console: Sendable {
  public let out: any TextOutput
  public let err: any TextOutput

  public init(out: any TextOutput, err: any TextOutput) {
    self.out = out
    self.err = err
  }

  /// The streams of this process.
  public init(environment: [String: String]) {
    self.init(
      out: DescriptorOutput(1, environment: environment), err: DescriptorOutput(2, environment: environment))
  }

  /// A line of the result.
  public func print(_ line: String = "") { out.write(line + "\n") }

  /// A line about the run: what is being done, what to try next.
  public func note(_ line: String) { err.write(line + "\n") }

  /// What went wrong, in one line or a few.
  public func fail(_ message: String) { err.write("\(err.styled("error:", .red)) \(message)\n") }

  public func warn(_ message: String) { err.write("\(err.styled("warning:", .yellow)) \(message)\n") }

  public var withoutColour: Console {
    Console(out: PlainOutput(base: out), err: PlainOutput(base: err))
  }
}
