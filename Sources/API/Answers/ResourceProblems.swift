import Domain
import Engine
import HTTP
import JSON

extension Problem {
  /// 409 with everything that stands against it.
  static func refused(_ kind: Kind, _ obstacles: [(name: String, detail: String)]) -> Problem {
    let list = obstacles.map { JSONValue.object(["name": .string($0.name), "detail": .string($0.detail)]) }
    return Problem(
      kind, obstacles.map(\.detail).joined(separator: "; "), extensions: ["obstacles": .array(list)])
  }

  /// 409 with what is missing of each kind (R6).
  static func resourcesShort(_ shortage: Shortage) -> Problem {
    let kinds = shortage.kinds.map { kind in
      JSONValue.object([
        "resource_type": .string(kind.rawValue), "wanted": .int(shortage.wanted[kind]),
        "found": .int(shortage.found[kind]), "missing": .int(shortage.missing[kind]),
      ])
    }
    return Problem(.resourcesShort, shortage.detail, extensions: ["shortage": .array(kinds)])
  }
}

extension ResourceActionOutcome {
  /// The answer to an action on one resource.
  @Sendable static func response(_ outcome: ResourceActionOutcome) throws(Problem) -> Response {
    switch outcome {
    case .done(let resource): return .json(resource)
    case .refused(let obstacle):
      throw .refused(.resourceState, [(obstacle.rawValue, obstacle.detail)])
    case .warmupRefused(let obstacle):
      throw .refused(.warmupRefused, [(obstacle.rawValue, obstacle.detail)])
    case .notRequalified(let obstacles):
      throw .refused(.notRequalified, obstacles.map { ($0.rawValue, $0.detail) })
    case .notADomain:
      throw .refused(
        .resourceState, [("not_an_email_domain", "only an email domain has SPF, DKIM and DMARC states")])
    case .unknown: throw .notFound
    }
  }
}
