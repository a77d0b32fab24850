import HTTP
import JSON

extension Problem.Kind {
  static let unknownCompany = Problem.Kind("unknown-company", "There is no such company", .notFound)
  static let unknownLead = Problem.Kind("unknown-lead", "There is no such lead", .notFound)
  static let poolExhausted = Problem.Kind("pool-exhausted", "The pool has no free number", .conflict)
  static let companyNameTaken = Problem.Kind(
    "company-name-taken", "Another client has this name", .conflict)
  static let resourceState = Problem.Kind(
    "resource-state", "The resource's state does not allow that", .conflict)
  static let warmupRefused = Problem.Kind(
    "warmup-refused", "The resource's warm-up does not allow that", .conflict)
  static let notRequalified = Problem.Kind("not-requalified", "The resource stays in quarantine", .conflict)
  static let resourcesShort = Problem.Kind("resources-short", "There are too few resources", .conflict)
  static let clientOnHold = Problem.Kind("client-on-hold", "The client has left and is on hold", .conflict)
  static let campaignNameTaken = Problem.Kind(
    "campaign-name-taken", "Another campaign of the client has this name", .conflict)
  static let resourceNotOwned = Problem.Kind(
    "resource-not-owned", "The client does not have the resource", .conflict)
  static let campaignEnded = Problem.Kind("campaign-ended", "The campaign has ended", .conflict)
  static let leadConflict = Problem.Kind("lead-conflict", "This names two leads", .conflict)
  static let leadForgotten = Problem.Kind(
    "lead-forgotten", "The person was forgotten and must not be kept", .conflict)
  static let leadOwnedByTwo = Problem.Kind("lead-owned-by-two", "Two clients own the leads", .conflict)
  static let leadMergeRefused = Problem.Kind(
    "lead-merge-refused", "The state of the leads does not allow that", .conflict)
  static let campaignUnknown = Problem.Kind(
    "campaign-unknown", "The client has no such campaign", .conflict)
  static let leadNotAssigned = Problem.Kind("lead-not-assigned", "No client has the lead", .conflict)
  static let leadConverted = Problem.Kind("lead-converted", "The lead stays with its client", .conflict)
  static let templateNameTaken = Problem.Kind(
    "template-name-taken", "Another template has this name", .conflict)
  static let templateNotRendered = Problem.Kind(
    "template-not-rendered", "The template cannot be rendered for this lead", .conflict)
  static let orderState = Problem.Kind("order-state", "The order's state does not allow that", .conflict)
  static let overBudget = Problem.Kind("over-budget", "The budget does not cover that", .conflict)
  static let signatureRefused = Problem.Kind(
    "signature-refused", "The signature does not prove who sent this", .badRequest)
  static let webhookNotConfigured = Problem.Kind(
    "webhook-not-configured", "No webhook is taken here yet", .notFound)
  static let suppressionStays = Problem.Kind(
    "suppression-stays", "This suppression cannot be lifted", .conflict)
  static let severalLeads = Problem.Kind("several-leads", "Several leads have this address", .conflict)
  static let jobRunning = Problem.Kind("job-running", "The job is already running", .conflict)
  static let requestUnderWay = Problem.Kind(
    "request-under-way", "A request with this Idempotency-Key is under way", .conflict)
  static let idempotencyKeyReused = Problem.Kind(
    "idempotency-key-reused", "This Idempotency-Key came before with another request", .unprocessable)
  static let unavailable = Problem.Kind("unavailable", "Not available right now", .unavailable)
}

extension Problem {
  /// 404 for what does not exist, or not for this caller: the two must look the same.
  static var notFound: Problem { Problem(.notFound) }

  static var idempotencyKeyReused: Problem {
    Problem(.idempotencyKeyReused, extensions: ["errors": []])
  }

  /// 503 with `Retry-After`.
  static func unavailable(_ detail: String, retryAfter delay: Duration = .seconds(1)) -> Problem {
    Problem(.unavailable, detail).retry(after: delay)
  }
}
