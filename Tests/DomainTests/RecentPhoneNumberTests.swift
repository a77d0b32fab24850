import Testing

@testable import Domain

struct RecentPhoneNumberTests {
  @Test(arguments: ["650-530-0051", "+16505300051", "(650) 530-0051", "+442079460958", "12", "call me", ""])
  func `a remembered number is what parsing gives, the first time and later`(text: String) {
    let recent = RecentPhoneNumbers(capacity: 4)
    for _ in 0..<3 { #expect(recent.number(text) == PhoneNumber(parsing: text)) }
    #expect(PhoneNumber(recently: text) == PhoneNumber(parsing: text))
  }

  @Test func `it never remembers more than two generations, and nothing wrong`() {
    let recent = RecentPhoneNumbers(capacity: 3)
    for index in 0..<50 {
      _ = recent.number("650530\(1_000 + index)")
      _ = recent.number("wrong \(index)")
      #expect(recent.count <= 6)
    }
    #expect(recent.number("6505301000") == PhoneNumber(parsing: "6505301000"))
  }
}
