import Domain
import Testing

@Suite struct `Phone numbers` {
  @Test(arguments: ["+14244851544", "+16505300051", "+442079460958", "+4930123456", "+12423225555"])
  func `in E.164 are taken as they are`(text: String) {
    #expect(PhoneNumber(e164: text)?.e164 == text)
  }

  @Test(arguments: [
    "", "+", "14244851544", "+1 424 485 1544", "+1-424-485-1544", "+1234567890", "+10004851544",
    "+1424485154",
    "+142448515444", "+999123456789", "+1424485154a", "++14244851544", "+14244851544 ", "＋14244851544",
    "+1424485١٥٤٤", "+14244851544;ext=5", "+14244851544\u{0}",
  ])
  func `in E.164 must be valid and bare`(text: String) {
    #expect(PhoneNumber(e164: text) == nil)
  }

  @Test(arguments: [
    ("650-530-0051", "+16505300051"), ("(650) 530-0051", "+16505300051"), ("650.530.0051", "+16505300051"),
    ("6505300051", "+16505300051"), ("1 650 530 0051", "+16505300051"), ("+1 (650) 530-0051", "+16505300051"),
    ("+44 20 7946 0958", "+442079460958"),
  ])
  func `of customers may be written loosely`(text: String, e164: String) {
    #expect(PhoneNumber(parsing: text)?.e164 == e164)
  }

  @Test(arguments: [
    "", "650", "call me", "call me at 6505300051", "650-530-0051 ext 5", "000-000-0000", "1-800-FLOWERS",
    "tel:+16505300051", String(repeating: "6", count: 10_000), "650-530-0051\u{0}", "(((((((((",
    "020 7946 0958",
  ])
  func `of customers that are no number are refused`(text: String) {
    #expect(PhoneNumber(parsing: text) == nil)
  }

  @Test func `are read in the country that is said`() {
    #expect(PhoneNumber(parsing: "020 7946 0958", defaultRegion: "GB")?.e164 == "+442079460958")
    #expect(PhoneNumber(parsing: "020 7946 0958", defaultRegion: "ZZ") == nil)
  }

  @Test(arguments: [
    ("+14244851544", "+1424•••1544"), ("+442079460958", "+4420•••0958"), ("+4930123456", "+49•••56"),
    ("+1234567890", "+12•••90"), ("", "•••"),
  ])
  func `are masked where they are printed`(text: String, masked: String) {
    let number = PhoneNumber(unchecked: text)
    #expect("\(number)" == masked)
    #expect(String(reflecting: number) == masked)
    #expect(!"\(Optional(number) as Any)".contains("485154"))
  }

  @Test(
    arguments: [
      ("+14244851544", 424), ("+12423225555", 242), ("+442079460958", nil), ("+1234567890", nil),
      ("+11234567890", nil),
    ] as [(String, Int?)])
  func `of the North American plan have an area code`(text: String, code: Int?) {
    #expect(PhoneNumber(unchecked: text).areaCode == code.flatMap { AreaCode($0) })
  }

  @Test func `are read by many threads at once`() async {
    await withTaskGroup(of: Int.self) { group in
      for worker in 0..<8 {
        group.addTask { @concurrent in
          (0..<300).count { PhoneNumber(parsing: "650-530-\(1_000 + worker * 300 + $0)") != nil }
        }
      }
      #expect(await group.reduce(0, +) == 2_400)
    }
  }
}
