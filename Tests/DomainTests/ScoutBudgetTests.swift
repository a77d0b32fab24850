import Domain
import Testing

@Suite struct `The budget of a scout` {
  @Test(
    arguments: [
      (nil, nil, 0, 0, 10, nil), (100, nil, 95, 0, 5, .run), (100, 50, 10, 45.5, 4, .month),
      (10, 50, 10, 10, 0, .run), (nil, 5, 0, 7, 0, .month), (10, nil, 0, 0, 10, nil),
    ] as [(Double?, Double?, Double, Double, Int, ScoutBudget.Bound?)])
  func `allows what cannot pass any bound`(
    run: Double?, month: Double?, byRun: Double, inMonth: Double, people: Int, bound: ScoutBudget.Bound?
  ) {
    let budget = ScoutBudget(run: run, month: month, spentByRun: byRun, spentInMonth: inMonth)
    let allowance = budget.allowance(of: 10)
    #expect(allowance.people == people && allowance.bound == bound)
  }
}
