import Domain
import Engine
import JSON
import Store

/// A score with all that it follows from, as JSON.
public struct LeadScoreShape {
  let explained: LeadScoreService.Explained

  public init(_ explained: LeadScoreService.Explained) { self.explained = explained }
}

extension LeadScoreShape: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("lead_id", explained.lead)
      object.field("client_id", explained.client)
      object.field("score", explained.score.total)
      object.field("tier", explained.score.tier.rawValue)
      object.field("is_excluded", explained.score.isExcluded)
      object.field("is_match", explained.match.isMatch)
      object.field("misses", explained.match.misses.map(\.rawValue))
      object.field("profile_version", explained.profileVersion)
      object.array("components") { array in
        for component in ScoreComponent.allCases { write(component, to: &array) }
      }
      object.field("stored", explained.stored.map(StoredScoreShape.init))
    }
  }

  private func write(_ component: ScoreComponent, to writer: inout JSONWriter) {
    writer.object { object in
      object.field("name", component.rawValue)
      object.field("points", explained.score.points[component] ?? 0)
      object.field("most", component.most)
      object.field("weight", explained.weights.factor(component))
      object.array("reasons") { array in
        for reason in explained.score.reasons[component] ?? [] {
          array.object { object in
            object.field("code", reason.code)
            object.field("points", reason.points)
            object.field("detail", reason.detail)
          }
        }
      }
    }
  }
}

/// A score as it was computed last, as JSON.
struct StoredScoreShape: JSONWritable {
  let stored: StoredScore

  init(_ stored: StoredScore) { self.stored = stored }

  func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("score", stored.score)
      object.field("tier", stored.tier.rawValue)
      object.field("is_excluded", stored.isExcluded)
      object.object("points") { object in
        for component in ScoreComponent.allCases {
          object.field(named: component.rawValue, stored.points[component] ?? 0)
        }
      }
      object.field("profile_version", stored.profileVersion)
      object.field("scored_at", stored.scoredAt)
      object.field("is_due", stored.isDue)
    }
  }
}
