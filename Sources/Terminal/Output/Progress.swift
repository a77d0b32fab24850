import Synchronization

/// The progress of long work on `err`: on a terminal a bar that is redrawn at most ten times a second,
/// elsewhere a plain line every ten seconds. Any task may report.
public final class Progress: Sendable {
  private struct State {
    var done = 0
    var drawn: Duration?
    var isFinished = false
  }

  private let label: String
  private let total: Int?
  private let output: any TextOutput
  private let clock: @Sendable () -> Duration
  private let start: Duration
  private let state = Mutex(State())

  /// - Parameters:
  ///   - total: the units of work; nil when they are not known.
  ///   - clock: the time since any fixed instant, never going back.
  public init(
    _ label: String, total: Int?, on output: any TextOutput,
    clock: @escaping @Sendable () -> Duration = Progress.monotonic()
  ) {
    self.label = label
    self.total = total
    self.output = output
    self.clock = clock
    start = clock()
  }

  /// The time since this call.
  public static func monotonic() -> @Sendable () -> Duration {
    let start = ContinuousClock.now
    return { start.duration(to: .now) }
  }

  /// Reports `count` more units done.
  public func advance(by count: Int = 1) {
    state.withLock { state in
      state.done += count
      draw(&state, isLast: false)
    }
  }

  /// Draws the last state and ends the line. Later reports are not shown.
  public func finish() {
    state.withLock { state in
      guard !state.isFinished else { return }
      draw(&state, isLast: true)
      state.isFinished = true
    }
  }

  private func draw(_ state: inout State, isLast: Bool) {
    guard !state.isFinished else { return }
    let now = clock() - start
    let pause: Duration = output.isTerminal ? .milliseconds(100) : .seconds(10)
    // Work that is over before the first plain line was due needs no line.
    let isDue = now - (state.drawn ?? (output.isTerminal ? .zero - pause : .zero)) >= pause
    guard isDue || (isLast && (output.isTerminal || state.drawn != nil)) else { return }
    state.drawn = now
    let figures = figures(state.done, after: now, isLast: isLast)
    guard let width = output.width else { return output.write("\(label): \(figures)\n") }
    let room = min(20, width - displayWidth(label) - displayWidth(figures) - 6)
    let picture = total.map { bar(Double(state.done) / Double(max($0, 1)), width: room) } ?? ""
    let line = truncated(
      [label, picture, figures].filter { !$0.isEmpty }.joined(separator: " "), to: width - 1)
    output.write("\r\u{1b}[K" + line + (isLast ? "\n" : ""))
  }

  private func figures(_ done: Int, after span: Duration, isLast: Bool) -> String {
    let seconds = span / .seconds(1)
    let rate = seconds > 0 ? Double(done) / seconds : 0
    var parts = [HumanText.count(done)]
    if let total {
      parts[0] += " of \(HumanText.count(total)) (\(done * 100 / max(total, 1)) %)"
    }
    if rate > 0 { parts.append("\(HumanText.count(Int(rate)))/s") }
    if isLast {
      parts.append("in \(HumanText.duration(span))")
    } else if let total, rate > 0, done < total {
      parts.append("\(HumanText.duration(.seconds(Int(Double(total - done) / rate)))) left")
    }
    return parts.joined(separator: ", ")
  }

  private func bar(_ share: Double, width: Int) -> String {
    guard width >= 5 else { return "" }
    let filled = Int((min(max(share, 0), 1) * Double(width)).rounded(.down))
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
  }
}
