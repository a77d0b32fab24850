import Crypto
import Domain
import Engine
import Runtime
import Testing

@Suite struct `Stripe's signature` {
  static let signedAt = Timestamp(microseconds: 1_793_000_000_000_000)
  static let secret = "whsec_example_not_real_0001"
  static let body = Array(#"{"id":"evt_example_1","object":"event","type":"invoice.paid"}"#.utf8)
  /// Of another implementation.
  static let right = "1595b2520849e1a26c79cce9352c0967f3158e5b08e3ed94b0ae883761e890f2"
  static let wrong = String(repeating: "0", count: 64)
  static let vector = "t=1793000000,v1=\(right),v0=ignored"

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var header: String? = vector
    var body = `Stripe's signature`.body
    var secrets = [secret]
    var now = signedAt
    var refusal: StripeSignature.Refusal?
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "the vector"),
    Case(name: "300 s old", now: signedAt + .seconds(300)),
    Case(name: "301 s old", now: signedAt + .seconds(301), refusal: .tooOld),
    Case(name: "300 s ahead", now: signedAt - .seconds(300)),
    Case(name: "301 s ahead", now: signedAt - .seconds(301), refusal: .tooNew),
    Case(name: "two, the second right", header: "t=1793000000,v1=\(wrong),v1=\(right)"),
    Case(name: "two, the first right", header: "t=1793000000,v1=\(right),v1=\(wrong)"),
    Case(name: "blanks after commas", header: "t=1793000000, v1=\(right)"),
    Case(name: "rotation, the new secret first", secrets: ["whsec_new", secret]),
    Case(name: "rotation, the old secret first", secrets: [secret, "whsec_new"]),
    Case(name: "another secret", secrets: ["whsec_example_not_real_0002"], refusal: .mismatch),
    Case(name: "the secret without its prefix", secrets: ["example_not_real_0001"], refusal: .mismatch),
    Case(name: "a byte changed", body: [UInt8(ascii: "[")] + body.dropFirst(), refusal: .mismatch),
    Case(name: "a byte more", body: body + [0x0A], refusal: .mismatch),
    Case(name: "no body", body: [], refusal: .mismatch),
    Case(name: "another time", header: "t=1793000001,v1=\(right)", refusal: .mismatch),
    Case(name: "in capitals", header: "t=1793000000,v1=\(right.uppercased())", refusal: .mismatch),
    Case(name: "cut off", header: "t=1793000000,v1=\(right.dropLast())", refusal: .mismatch),
    Case(name: "only the old scheme", header: "t=1793000000,v0=\(right)", refusal: .malformed),
    Case(name: "no time", header: "v1=\(right)", refusal: .malformed),
    Case(name: "a time in words", header: "t=now,v1=\(right)", refusal: .malformed),
    Case(name: "a negative time", header: "t=-1793000000,v1=\(right)", refusal: .malformed),
    Case(name: "an endless time", header: "t=\(String(repeating: "9", count: 40)),v1=a", refusal: .malformed),
    Case(name: "garbage", header: "garbage", refusal: .malformed),
    Case(name: "commas", header: ",,,=,", refusal: .malformed),
    Case(
      name: "a thousand", header: "t=1793000000" + String(repeating: ",v1=\(wrong)", count: 1_000),
      refusal: .malformed),
    Case(name: "empty", header: "", refusal: .missing), Case(name: "none", header: nil, refusal: .missing),
  ]

  @Test(arguments: cases) func `is taken or refused`(example: Case) {
    let refusal = StripeSignature.refusal(
      of: example.header, body: example.body, secrets: example.secrets.map { Secret($0) }, now: example.now)
    #expect(refusal == example.refusal)
  }

  @Test func `has the tolerance that is configured`() {
    func refusal(_ age: Duration) -> StripeSignature.Refusal? {
      StripeSignature.refusal(
        of: Self.vector, body: Self.body, secrets: [Secret(Self.secret)], now: Self.signedAt + age,
        tolerance: .seconds(10))
    }
    #expect(refusal(.seconds(10)) == nil && refusal(.seconds(11)) == .tooOld)
  }
}
