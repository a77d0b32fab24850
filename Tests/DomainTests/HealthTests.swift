import Domain
import Testing

@Suite struct `Sender health` {
  @Test(
    "bands are judged by an interval, and the worse of the two wins",
    arguments: [
      (0, 0, 0, HealthBand.good), (10, 0, 0, .good), (10, 1, 0, .good), (3, 1, 0, .good), (20, 2, 0, .good),
      (10, 2, 0, .warning), (10, 3, 0, .critical), (100, 5, 0, .warning), (100, 4, 0, .good),
      (1_100, 22, 0, .good), (1_100, 31, 0, .good), (1_100, 32, 0, .warning), (1_100, 69, 0, .warning),
      (1_100, 70, 0, .critical), (1_100, 0, 1, .good), (1_100, 0, 2, .good), (1_100, 0, 3, .warning),
      (1_100, 0, 4, .critical), (1_100, 32, 4, .critical), (1_100, 70, 3, .critical),
      (100_000, 2_080, 0, .good),
      (100_000, 2_200, 0, .warning), (100_000, 5_200, 0, .critical), (100_000, 0, 130, .critical),
    ])
  func bands(sent: Int, bounces: Int, complaints: Int, band: HealthBand) {
    #expect(SendCounts(sent: sent, bounces: bounces, complaints: complaints).band == band)
  }

  @Test func `one event alone never stops a domain, however few its sends`() {
    for sent in 1...2_000 {
      #expect(SendCounts(sent: sent, bounces: 1, complaints: 0).band < .critical)
      if sent > 1 { #expect(SendCounts(sent: sent, bounces: 1, complaints: 0).band == .good) }
    }
  }

  @Test func `more of what is bad, with as many sends, is never better`() {
    for sent in [1, 2, 5, 10, 50, 200, 1_100] {
      var last = HealthBand.good
      for bounces in 0...sent {
        let band = SendCounts(sent: sent, bounces: bounces, complaints: 0).band
        #expect(band >= last, "\(bounces) of \(sent)")
        last = band
      }
      #expect(last == (sent == 1 ? .warning : .critical))
    }
  }

  @Test func `the interval is Wilson's`() {
    // By R's prop.test(5, 100, correct = FALSE): 0.02154 to 0.11175.
    let judgement = RateJudgement(5, of: 100, .bounces)
    #expect(abs(judgement.lower - 0.021_54) < 0.000_01 && abs(judgement.upper - 0.111_75) < 0.000_01)
    #expect(judgement.rate == 0.05)
    let none = RateJudgement(0, of: 0, .bounces)
    #expect(none.lower == 0 && none.upper == 1 && none.rate == 0 && none.band == .good)
    #expect(RateJudgement(3, of: 2, .bounces).rate == 1)
    #expect(RateJudgement(0, of: 50, .complaints).lower == 0)
  }

  @Test func `limits are 50, 35 and 0`() {
    #expect(HealthBand.allCases.map(\.dailyLimit) == [50, 35, 0])
    #expect(HealthBand.good < .warning && HealthBand.warning < .critical)
  }
}
