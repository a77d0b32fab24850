import Domain
import JSON

extension TextShape where Value == CivilDate {
  static var date: TextShape { TextShape("a date such as 2026-01-31") { CivilDate($0) } }
}

/// `GET /v1/forecast` without what can be onboarded.
extension Outlook: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.object { writeFields(to: &$0, by: lastDay) } }

  /// - Parameter day: of the forecast; how many clients can be onboarded by then is told.
  public func writeFields(to object: inout JSONWriter, by day: CivilDate) {
    object.field("from_on", facts.today.description)
    object.field("until_on", lastDay.description)
    object.object("history") { object in
      object.field("days", historyDays)
      object.array("tiers") { list in
        for tier in facts.tiers {
          list.object { object in
            object.field("tier", tier.name.text)
            object.field("signed_up", (facts.signups[tier.name] ?? []).reduce(0, +))
            object.field("left", (facts.churn[tier.name] ?? []).reduce(0, +))
          }
        }
      }
      object.field("upgrades", facts.upgrades.reduce(0) { $0 + $1.daily.reduce(0, +) })
    }
    object.array("kinds") { list in
      for kind in forecast.kinds { list.object { write(kind, to: &$0) } }
    }
    object.object("capacity") { object in
      object.field("by_on", day.description)
      object.array("tiers") { list in
        for (tier, clients) in forecast.capacity(by: day) ?? [] {
          list.object { object in
            object.field("tier", tier.text)
            // A tier without resources takes any number.
            object.field("low", clients.low == .max ? nil : clients.low)
            object.field("expected", clients.expected == .max ? nil : clients.expected)
            object.field("high", clients.high == .max ? nil : clients.high)
          }
        }
      }
    }
  }

  private func write(_ kind: Forecast.Kind, to object: inout JSONWriter) {
    let (buffer, order) = (self.buffer(kind.kind), kind.order)
    object.field("resource_type", kind.kind.rawValue)
    object.field("stock", facts.stock[kind.kind])
    object.field("backordered", facts.backordered[kind.kind])
    object.field("arriving", buffer.arriving)
    object.field("first_shortage_on", kind.firstShortage?.description)
    object.field("first_possible_shortage_on", kind.firstPossibleShortage?.description)
    object.object("order_today") { object in
      object.field("quantity", toOrder(kind.kind))
      object.field("for_forecast", order.quantity)
      object.field("for_buffer", buffer.toOrder)
      object.field("arrives_on", order.arrivesOn.description)
      object.field("too_late_for_on", order.tooLateFor?.description)
    }
    object.object("buffer") { object in
      object.field("level", buffer.level.rawValue)
      object.field("assigned", buffer.assigned)
      object.field("required", buffer.required)
      object.field("available", buffer.available)
    }
    object.array("days") { list in
      for day in kind.days {
        list.object { object in
          object.field("day_on", day.date.description)
          object.field("need", day.need)
          object.field("supply", day.supply)
        }
      }
    }
  }
}

extension Band: JSONWritable {
  /// The expected figure to a hundredth: more would only look exact.
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("low", low)
      object.field("expected", min(Double(high), max(Double(low), (expected * 100).rounded() / 100)))
      object.field("high", high)
    }
  }
}
