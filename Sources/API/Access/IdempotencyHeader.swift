import Crypto
import Engine
import HTTP
import Store

/// Makes the answer of an outcome. A thrown problem is a refusal: nothing happened, and nothing is kept.
/// Pure, since it also runs inside the transaction that keeps the answer.
typealias Renderer<Outcome> = @Sendable (Outcome) throws(Problem) -> Response

/// `Idempotency-Key`: the same function renders fresh answers and those that are kept.
enum IdempotencyHeader {
  /// What the engine needs to keep the answer; nil without a key.
  ///
  /// - Parameter render: may leave out secrets, which are never stored.
  /// - Throws: `Problem` invalid-parameter (400) when the key is malformed.
  static func idempotency<Outcome: Sendable>(
    of call: Call, _ render: @escaping Renderer<Outcome>
  ) throws(Problem) -> Idempotency<Outcome>? {
    guard let field = call.request.header("Idempotency-Key") else { return nil }
    guard let key = key(field) else {
      let fault = Problem.Fault(
        "expected 1 to 255 visible ASCII characters without double quotes", header: "Idempotency-Key")
      throw Problem(.invalidParameter, faults: [fault])
    }
    let request = call.request
    let operation = "\(request.route.method.rawValue) \(request.route.template)\n"
    let target = request.queryText.isEmpty ? request.path : "\(request.path)?\(request.queryText)"
    let use = IdempotencyStore.Use(
      principalID: call.principal.keyID,
      // Keys of one caller are apart by operation, and short whatever their length.
      key: Base64.encodeURL(sha256(Array((operation + key).utf8))),
      fingerprint: sha256(Array("\(request.method.rawValue) \(target)\n".utf8) + request.body))
    return Idempotency(use) { outcome in
      (try? render(outcome)).map { KeptAnswer(status: $0.status.rawValue, body: $0.body) }
    }
  }

  /// For a POST that only reads: its key is held to the rules, and nothing is kept.
  ///
  /// - Throws: as `idempotency`.
  static func refuseMalformed(in call: Call) throws(Problem) {
    _ = try idempotency(of: call) { (answer: Response) throws(Problem) in answer }
  }

  /// The answer to a command that may have been repeated.
  static func response<Outcome: Sendable>(
    _ answered: Answered<Outcome>, _ render: Renderer<Outcome>
  ) throws(Problem) -> Response {
    switch answered {
    case .fresh(let outcome): return try render(outcome)
    case .replayed(let kept):
      return Response(Status(rawValue: kept.status), contentType: ContentType.json, body: kept.body)
        .with("Idempotent-Replayed", "true")
    case .keyReused: throw .idempotencyKeyReused
    }
  }

  /// 1 to 255 visible ASCII characters without `"`, the whole perhaps in double quotes, which do not count.
  private static func key(_ field: String) -> String? {
    let quote = UInt8(ascii: "\"")
    var bytes = ArraySlice(Array(field.utf8))
    if bytes.count >= 2, bytes.first == quote, bytes.last == quote { bytes = bytes.dropFirst().dropLast() }
    guard (1...255).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != quote })
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
