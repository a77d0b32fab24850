import Domain
import Engine
import HTTP
import JSON

/// `/webhooks/stripe`: what the payment provider tells. The signature is the key.
struct WebhookRoutes: Sendable {
  let payments: PaymentService

  func add(to operations: inout Operations) {
    operations.addSigned("/webhooks/stripe", stripe)
  }

  @Sendable private func stripe(_ request: Request) async throws -> Response {
    switch payments.verdict(on: request.body, signature: request.header(StripeSignature.header)) {
    case .genuine: break
    case .refused(let refusal): throw Problem.signatureRefused(refusal)
    case .notConfigured: throw Problem.webhookNotConfigured
    }
    // Says where it is no JSON; what it must hold is the engine's to know.
    _ = try request.json(.any as JSONShape<JSONValue>)
    switch try await payments.receive(request.body) {
    case .malformed(let errors):
      throw Problem(
        .validation,
        faults: errors.errors.map {
          Problem.Fault($0.detail, pointer: $0.field.isEmpty ? "" : "/\($0.field)")
        })
    case .stored(let record, let isNew):
      return .json {
        $0.object { object in
          object.field("id", record.id)
          object.field("state", record.state.rawValue)
          object.field("outcome", record.outcome ?? record.error)
          object.field("is_new", isNew)
        }
      }
    }
  }
}

extension Problem {
  static func signatureRefused(_ refusal: StripeSignature.Refusal) -> Problem {
    Problem(.signatureRefused, faults: [Fault(refusal.detail, header: StripeSignature.header)])
  }

  static var webhookNotConfigured: Problem {
    Problem(
      .webhookNotConfigured,
      "Set stripe-webhook-secret (RESERVOIR_STRIPE_WEBHOOK_SECRET) to the signing secret of the endpoint.")
  }
}
