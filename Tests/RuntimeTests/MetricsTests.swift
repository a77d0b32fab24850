import Runtime
import Testing

/// A sample of the text form as a scraper reads it.
private struct Sample: Equatable {
  var name: String
  var labels: [String: String]
  var value: Double
}

/// Reads the text form 0.0.4, and checks what a scraper relies on: HELP and TYPE once and before the samples.
private func scrape(_ text: String) throws -> [Sample] {
  var samples: [Sample] = []
  var types: [String: String] = [:]
  for line in text.split(separator: "\n") {
    if let match = line.wholeMatch(of: /# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram)/) {
      try #require(types.updateValue(String(match.output.2), forKey: String(match.output.1)) == nil)
    } else if !line.hasPrefix("# HELP ") {
      let match = try #require(line.wholeMatch(of: /([a-z_][a-z0-9_]*)(\{.*\})? ([^ ]+)/), "\(line)")
      var labels: [String: String] = [:]
      for label in (match.output.2 ?? "").matches(of: /([a-z_]+)="((?:[^"\\]|\\.)*)"/) {
        labels[String(label.output.1)] =
          String(label.output.2).replacing("\\n", with: "\n").replacing("\\\"", with: "\"").replacing(
            "\\\\", with: "\\")
      }
      let base = match.output.1.replacing(/_(bucket|sum|count)$/, with: "")
      try #require(types[String(match.output.1)] ?? types[String(base)] != nil)
      let value = try #require(Double(match.output.3.replacing("Inf", with: "infinity")))
      samples.append(Sample(name: String(match.output.1), labels: labels, value: value))
    }
  }
  #expect(text.isEmpty || text.hasSuffix("\n"))
  return samples
}

@Suite struct MetricsTests {
  private let metrics = Metrics()

  @Test func `counters and gauges are shown with help and type`() throws {
    let counter = metrics.counter("leases_total", "Leases.\nAll \\ of them.")
    counter.add()
    counter.add(41)
    let gauge = metrics.gauge("free_numbers", "Free.")
    gauge.set(5)
    gauge.add(-1.5)
    metrics.gauge("uptime_seconds", "Up.") { 12.25 }
    #expect(
      metrics.exposition == """
        # HELP free_numbers Free.
        # TYPE free_numbers gauge
        free_numbers 3.5
        # HELP leases_total Leases.\\nAll \\\\ of them.
        # TYPE leases_total counter
        leases_total 42
        # HELP uptime_seconds Up.
        # TYPE uptime_seconds gauge
        uptime_seconds 12.25

        """)
    #expect(try scrape(metrics.exposition).count == 3)
  }

  @Test func `label values survive, whatever they contain`() throws {
    let odd = "a\"b\\c\nd"
    let family = metrics.counters("odd_total", "Odd.", labels: ["kind", "outcome"])
    family[odd, "ok"].add(2)
    family["x", "ok"].add(1)
    let samples = try scrape(metrics.exposition)
    #expect(
      samples == [
        Sample(name: "odd_total", labels: ["kind": odd, "outcome": "ok"], value: 2),
        Sample(name: "odd_total", labels: ["kind": "x", "outcome": "ok"], value: 1),
      ])
  }

  @Test func `buckets are cumulative, a bound belongs to its bucket, and +Inf is the count`() throws {
    let histogram = metrics.histograms(
      "wait_seconds", "Wait.", labels: ["kind"], buckets: Buckets([0.1, 1, 5]))["a"]
    for value in [0.05, 0.1, 0.5, 1, 7, .nan] { histogram.observe(value) }
    histogram.observe(.milliseconds(2_500))
    let samples = try scrape(metrics.exposition)
    #expect(samples.map(\.name).suffix(2) == ["wait_seconds_sum", "wait_seconds_count"])
    #expect(samples.compactMap { $0.labels["le"] } == ["0.1", "1", "5", "+Inf"])
    #expect(samples.map(\.value) == [2, 4, 5, 6, 11.15, 6])
    #expect(histogram.total.count == 6)
  }

  @Test func `the same name gives the same instrument`() {
    metrics.counter("a_total", "A.").add()
    metrics.counter("a_total", "A.").add()
    #expect(metrics.counter("a_total", "A.").value == 2)
  }

  @Test func `a family is bounded: what comes after its limit is counted under other`() throws {
    let family = metrics.counters("many_total", "Many.", labels: ["id"])
    for number in 0..<5_000 { family["\(number)"].add() }
    let samples = try scrape(metrics.exposition)
    #expect(samples.count == 501)
    #expect(samples.first { $0.labels["id"] == "other" }?.value == 4_500)
  }

  @Test func `nothing is lost when many tasks count`() async {
    let counter = metrics.counter("c_total", "C.")
    let gauge = metrics.gauge("g", "G.")
    let histogram = metrics.histogram("h", "H.")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          for _ in 0..<1_000 {
            counter.add()
            gauge.add(1)
            histogram.observe(1)
          }
        }
      }
    }
    #expect(counter.value == 16_000)
    #expect(gauge.value == 16_000)
    #expect(histogram.total == (16_000, 16_000))
  }

  @Test func `the advised buckets`() {
    #expect(Buckets.powersOfTwo(upTo: 100) == Buckets([1, 2, 4, 8, 16, 32, 64, 128]))
    #expect(
      Buckets.seconds
        == Buckets([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]))
  }
}
