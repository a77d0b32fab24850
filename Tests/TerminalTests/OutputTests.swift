import Synchronization
import Terminal
import Testing

@Suite struct TableTests {
  private func sample() -> Table {
    var table = Table([.whole("ID"), .text("NAME"), .number("LEASES")])
    table.add(["a1", "Maple Lending of Northern Arizona", "5"])
    table.add(["b2", "東京ローン", "1,200"])
    return table
  }

  @Test func `columns are aligned by what a terminal shows`() {
    let text = sample().text(for: StringOutput())
    #expect(
      text == """
        ID  NAME                               LEASES
        a1  Maple Lending of Northern Arizona       5
        b2  東京ローン                          1,200

        """)
  }

  @Test func `on a narrow terminal text is cut and ids and numbers are not`() {
    let text = sample().text(for: StringOutput(width: 24))
    #expect(
      text == """
        ID  NAME          LEASES
        a1  Maple Lendi…       5
        b2  東京ローン     1,200

        """)
  }

  @Test func `cells cannot change the terminal`() {
    var table = Table([.text("NAME")])
    table.add(["a\u{1b}[31m\nb\u{202E}"])
    #expect(table.text(for: StringOutput()) == "NAME\na\u{FFFD}[31m\u{FFFD}b\u{FFFD}\n")
  }

  @Test func `an empty table says so`() {
    #expect(Table([.text("NAME")]).text(for: StringOutput(), empty: "no numbers yet") == "no numbers yet\n")
  }

  @Test(
    "width of text",
    arguments: [("abc", 3), ("e\u{301}", 1), ("日本", 4), ("👍🏽", 2), ("👨‍👩‍👧", 2), ("é", 1), ("", 0)])
  func width(_ text: String, _ columns: Int) {
    #expect(displayWidth(text) == columns)
  }
}

@Suite struct HumanTextTests {
  @Test(
    "spans",
    arguments: [
      (Duration.microseconds(850), "850 µs"), (.milliseconds(12), "12 ms"), (.milliseconds(3_450), "3.4 s"),
      (.seconds(59), "59 s"), (.seconds(125), "2 min 5 s"), (.seconds(64_800), "18 h"),
      (.seconds(273_600), "3 d 4 h"), (.zero, "0 µs"), (.seconds(-5), "-5 s"),
    ])
  func spans(_ span: Duration, _ text: String) { #expect(HumanText.duration(span) == text) }

  @Test("counts", arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")])
  func counts(_ value: Int, _ text: String) { #expect(HumanText.count(value) == text) }

  @Test func `nouns follow the count`() {
    #expect(HumanText.count(1, "lease") == "1 lease")
    #expect(HumanText.count(0, "lease") == "0 leases")
    #expect(HumanText.count(2, "company", plural: "companies") == "2 companies")
  }

  @Test("sizes", arguments: [(512, "512 B"), (1_536, "1.5 kB"), (3 << 20, "3 MB"), (5 << 40, "5120 GB")])
  func sizes(_ bytes: Int, _ text: String) { #expect(HumanText.size(bytes) == text) }

  @Test(
    "spans are read",
    arguments: [
      ("30s", Duration.seconds(30)), ("250ms", .milliseconds(250)), ("1h30m", .seconds(5_400)),
      ("30 d", .seconds(2_592_000)), ("0s", .zero), ("30", nil), ("s", nil), ("", nil), ("-5s", nil),
      ("1.5h", nil), ("99999999999d", nil), ("9223372036854775807s", nil), ("٣s", nil),
    ])
  func readSpans(_ text: String, _ span: Duration?) { #expect(HumanText.parseDuration(text) == span) }

  @Test(
    "sizes are read",
    arguments: [
      ("512", 512), ("1MB", 1 << 20), ("64kB", 65_536), ("2g", 2 << 30), ("x", nil), ("", nil), ("1TB", nil),
    ])
  func readSizes(_ text: String, _ bytes: Int?) { #expect(HumanText.parseSize(text) == bytes) }
}

@Suite struct ProgressTests {
  /// A clock that stands still until it is moved.
  private final class Hand: Sendable {
    let time = Mutex(Duration.zero)
    func move(_ span: Duration) { time.withLock { $0 += span } }
  }

  @Test func `on a terminal one line is redrawn, with bar, rate and what is left`() {
    let hand = Hand()
    let output = StringOutput(width: 80)
    let progress = Progress("importing", total: 1_000, on: output) { hand.time.withLock { $0 } }
    hand.move(.seconds(1))
    progress.advance(by: 250)
    progress.advance(by: 1)  // At the same instant: not drawn.
    hand.move(.seconds(1))
    progress.advance(by: 249)
    hand.move(.seconds(2))
    progress.advance(by: 500)
    progress.finish()
    let lines = output.text.split(separator: "\r\u{1b}[K").map(String.init)
    #expect(
      lines[0] == "importing [#####...............] 250 of 1,000 (25 %), 250/s, 3 s left")
    #expect(lines[1].contains("500 of 1,000 (50 %), 250/s, 2 s left"))
    #expect(lines.last == "importing [####################] 1,000 of 1,000 (100 %), 250/s, in 4 s\n")
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.count < 80 })
  }

  @Test func `elsewhere a plain line comes every ten seconds`() {
    let hand = Hand()
    let output = StringOutput()
    let progress = Progress("importing", total: nil, on: output) { hand.time.withLock { $0 } }
    for _ in 0..<24 {
      hand.move(.seconds(1))
      progress.advance(by: 10)
    }
    progress.finish()
    progress.advance()
    #expect(
      output.text == """
        importing: 100, 10/s
        importing: 200, 10/s
        importing: 240, 10/s, in 24 s

        """)
  }

  @Test func `short work prints nothing where there is no terminal`() {
    let output = StringOutput()
    let progress = Progress("importing", total: 3, on: output)
    progress.advance(by: 3)
    progress.finish()
    #expect(output.text.isEmpty)
  }
}

@Suite struct ConsoleTests {
  @Test func `NO_COLOR and a file have no colours`() {
    #expect(!DescriptorOutput(-1, environment: [:]).hasColours)
    #expect(!DescriptorOutput(1, environment: ["NO_COLOR": "1"]).hasColours)
    #expect(StringOutput(hasColours: true).styled("x", .red) == "\u{1b}[31mx\u{1b}[0m")
    #expect(StringOutput().styled("x", .red) == "x")
  }
}
