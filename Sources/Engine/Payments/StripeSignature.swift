import Crypto
import Domain
import Runtime

/// The signature of a webhook of Stripe: `Stripe-Signature: t=1793000000,v1=<hex>`, the HMAC-SHA-256 of
/// `t.body` under the endpoint's secret. The secret is taken as it is, with its `whsec_`.
public enum StripeSignature {
  public static let header = "Stripe-Signature"
  /// By how much the time of the signature may be off, in both directions.
  public static let tolerance: Duration = .minutes(5)

  public enum Refusal: String, CaseIterable, Hashable, Sendable {
    case missing, malformed, mismatch
    case tooOld = "too_old"
    case tooNew = "too_new"

    public var detail: String {
      switch self {
      case .missing: "the header \(StripeSignature.header) is missing"
      case .malformed: "the header \(StripeSignature.header) is not of the form t=…,v1=…"
      case .mismatch: "no signature fits the body and a secret that is configured here"
      case .tooOld: "the signature is too old: was it replayed, or is a clock wrong?"
      case .tooNew: "the signature is of the future: is a clock wrong?"
      }
    }
  }

  /// Nil when the body is genuine.
  ///
  /// - Parameters:
  ///   - body: as received, byte by byte.
  ///   - secrets: more than one while a secret is being replaced; any of them will do.
  public static func refusal(
    of header: String?, body: [UInt8], secrets: [Secret], now: Timestamp, tolerance: Duration = tolerance
  ) -> Refusal? {
    guard let header, !header.isEmpty else { return .missing }
    guard let parts = Parts(header) else { return .malformed }
    let message = Array("\(parts.time).".utf8) + body
    // Every pair is compared, whichever fits.
    var isGenuine = false
    for secret in secrets {
      let expected = Array(
        Hexadecimal.encode(hmacSHA256(key: Array(secret.revealed.utf8), message)).utf8)
      for given in parts.signatures where equalsInConstantTime(expected, given) { isGenuine = true }
    }
    guard isGenuine else { return .mismatch }
    let signedAt = Timestamp(microseconds: parts.seconds * 1_000_000)
    if signedAt < now - tolerance { return .tooOld }
    return signedAt > now + tolerance ? .tooNew : nil
  }

  private struct Parts {
    /// As it was written, since that was signed.
    let time: Substring
    let seconds: Int64
    /// Of the scheme v1; others are for other readers.
    let signatures: [[UInt8]]

    /// Twelve digits of seconds reach beyond the year 30000, and more than sixteen signatures are nobody's.
    init?(_ header: String) {
      let pairs = header.split(separator: ",", maxSplits: 64).compactMap { part -> (Substring, Substring)? in
        guard let equals = part.firstIndex(of: "=") else { return nil }
        return (part[..<equals].drop { $0 == " " }, part[part.index(after: equals)...])
      }
      guard let time = pairs.first(where: { $0.0 == "t" })?.1, (1...12).contains(time.utf8.count),
        time.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int64(time)
      else { return nil }
      let signatures = pairs.filter { $0.0 == "v1" }.map { Array($0.1.utf8) }
      guard (1...16).contains(signatures.count) else { return nil }
      self.time = time
      self.seconds = seconds
      self.signatures = signatures
    }
  }
}
