import Terminal
import Testing

@Suite struct BandChartTests {
  private func chart(days: Int, height: Int = 4) -> BandChart {
    var chart = BandChart((0..<days).map { "d\($0)" }, height: height)
    chart.add(
      (0..<days).map { _ in .init(low: 6, expected: 6, high: 6) }, mark: "─", shade: "·", .cyan)
    chart.add(
      (0..<days).map { day in
        let need = Double(day) * 12 / Double(days - 1)
        return .init(low: need / 2, expected: need, high: min(12, need * 1.5))
      }, mark: "●", shade: "░", .yellow)
    return chart
  }

  @Test func `what is expected is marked, the band is shaded, and days are pointed to from below`() {
    var chart = chart(days: 13, height: 5)
    chart.point(to: 7, "▲")
    #expect(
      chart.text(for: StringOutput())
        == """
        12 ┤       ░░░░●●
           │     ░░░●●●░░
         6 ┤─────●●●─────
           │ ░●●●░░░░
         0 ┤●●░
            d0        d10
                   ▲

        """)
  }

  @Test func `it is as wide as the terminal, a column for several days`() {
    for width in [20, 40, 79] {
      let output = StringOutput(width: width)
      let lines = chart(days: 60).text(for: output).split(separator: "\n")
      #expect(lines.allSatisfy { displayWidth(String($0)) <= width }, "\(width)")
    }
    let wide = chart(days: 60).text(for: StringOutput(width: 200)).split(separator: "\n")
    #expect(wide.map { displayWidth(String($0)) }.max() == 64, "no wider than the days")
    // Of several days the last one is drawn: the end is never cut off.
    #expect(chart(days: 60).text(for: StringOutput(width: 20)).split(separator: "\n")[0].last == "●")
  }

  @Test func `colours are only for terminals that have them`() {
    #expect(!chart(days: 9).text(for: StringOutput(width: 80)).contains("\u{1b}"))
    #expect(!chart(days: 9).text(for: StringOutput()).contains("\u{1b}"))
    #expect(chart(days: 9).text(for: StringOutput(width: 80, hasColours: true)).contains("\u{1b}[33m●"))
  }

  @Test func `nothing at all is a line on the ground`() {
    var chart = BandChart(["a", "b", "c"], height: 3)
    chart.add(Array(repeating: .init(low: 0, expected: 0, high: 0), count: 3), mark: "●", shade: "░", .cyan)
    #expect(chart.text(for: StringOutput()) == "1 ┤\n  │\n0 ┤●●●\n   a\n", "there is no half of a thing")
  }
}
