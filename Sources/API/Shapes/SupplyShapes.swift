import Domain
import Engine
import JSON

extension Buffer: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("resource_type", kind.rawValue)
      object.field("assigned", assigned)
      object.field("available", available)
      object.field("arriving", arriving)
      object.field("required", required)
      object.field("shortfall", shortfall)
      object.field("backordered", backordered)
      object.field("to_order", toOrder)
      object.field("level", level.rawValue)
    }
  }
}

extension BufferAlert: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("resource_type", kind.rawValue)
      object.field("level", level.rawValue)
      object.field("assigned", assigned)
      object.field("available", available)
      object.field("required", required)
      object.field("raised_at", raisedAt)
      object.field("cleared_at", clearedAt)
    }
  }
}

extension SupplyService.Purchasing: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("monthly_budget_cents", plan.budget.monthlyInCents)
      object.field("approval_above_cents", plan.budget.approvalAboveInCents)
      object.field("time_zone", plan.timeZone.identifier)
      object.field("spent_cents", spentInCents)
      object.field("month_starts_at", monthStartsAt)
      object.array("resources") { list in
        for kind in ResourceKind.allCases { list.value(plan[kind]) }
      }
    }
  }
}

extension PurchaseSettings: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("resource_type", kind.rawValue)
      object.field("provider", provider.text)
      object.field("unit_price_cents", unitPriceInCents)
      object.field("auto_order", ordersAutomatically)
      object.field("name_stems", names.stems)
      object.field("name_words", names.words)
      object.field("name_endings", names.endings)
      object.field("beyond_budget", beyondBudget)
    }
  }

  fileprivate init(_ object: JSONObjectReader) throws {
    let kind = object.required("resource_type", .oneOf as JSONShape<ResourceKind>)
    let provider = object.optional("provider", .text(.provider), default: .manual)
    let price = object.optional("unit_price_cents", .int(NewOrder.prices), default: 0)
    let orders = object.optional("auto_order", .bool, default: false)
    let stems = object.optional("name_stems", .parts(most: 200), default: [])
    let words = object.optional("name_words", .parts(most: 200), default: [])
    let endings = object.optional("name_endings", .endings, default: [])
    self.init(
      kind: try kind(), provider: try provider(), unitPriceInCents: try price(),
      ordersAutomatically: try orders(),
      names: NameParts(stems: try stems(), words: try words(), endings: try endings()))
  }
}

extension PurchasePlan {
  static let mostCents = 0...9_007_199_254_740_991

  /// The body of `PUT /v1/purchasing`: the whole plan. A type that is not named is bought by hand.
  init(_ object: JSONObjectReader) throws {
    let budget = object.required("monthly_budget_cents", JSONShape<Int>.int(Self.mostCents).nullable)
    let approval = object.required("approval_above_cents", JSONShape<Int>.int(Self.mostCents).nullable)
    let zone = object.optional("time_zone", .text(.timeZone), default: .utc)
    let kinds = object.required(
      "resources", .array(of: JSONShape<PurchaseSettings>.object { try PurchaseSettings($0) }, 0...4))
    self.init(
      budget: PurchaseBudget(monthlyInCents: try budget(), approvalAboveInCents: try approval()),
      timeZone: try zone(), kinds: [:])
    for kind in ResourceKind.allCases { self.kinds[kind] = PurchaseSettings(kind: kind) }
    let given = try kinds()
    for settings in given { self.kinds[settings.kind] = settings }
    if Set(given.map(\.kind)).count < given.count {
      object.refuse("resources", "a resource_type stands there twice")
    }
  }
}

extension TextShape where Value == ProviderName {
  static var provider: TextShape {
    TextShape("a provider's name: 1 to 50 lower-case letters, digits, - and _") { ProviderName($0) }
  }
}

extension JSONShape where Value == [String] {
  fileprivate static func parts(most: Int) -> JSONShape {
    .array(
      of: .text("1 to 40 lower-case letters and digits") { NameParts.isPart($0) ? $0 : nil }, 0...most)
  }

  fileprivate static var endings: JSONShape {
    .array(
      of: .text("the end of a domain's name such as com or co.uk") { NameParts.isEnding($0) ? $0 : nil },
      0...50)
  }
}
