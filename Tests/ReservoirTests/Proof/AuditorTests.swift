import Testing

/// Who proves the others must be able to find something.
struct AuditorTests {
  private func grant(_ id: String, _ number: String = "a", term: Int) -> Auditor.Grant {
    Auditor.Grant(id: id, number: number, term: term, lead: "l", key: id)
  }

  @Test func `one lease after the other is no finding`() {
    let auditor = Auditor()
    for term in 1...3 {
      auditor.granted(grant("\(term)", term: term))
      auditor.granted(grant("b\(term)", "b\(term)", term: 1))
      auditor.releasing("\(term)")
    }
    #expect(auditor.findings == [])
  }

  @Test func `a number granted while another holds it is found`() {
    let auditor = Auditor()
    auditor.granted(grant("1", term: 1))
    auditor.granted(grant("2", term: 2))
    auditor.releasing("1")
    auditor.releasing("2")
    #expect(auditor.findings.count == 1)
  }

  @Test func `a lease granted twice, a term that comes round again, and a wrong answer are found`() {
    let auditor = Auditor()
    auditor.granted(grant("1", term: 2))
    auditor.releasing("1")
    auditor.granted(grant("2", term: 2))
    auditor.granted(grant("3", "b", term: 1))
    auditor.granted(grant("3", "c", term: 1))
    auditor.fault("500")
    #expect(auditor.findings.count == 3)
  }
}
