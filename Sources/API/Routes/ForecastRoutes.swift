import Domain
import Engine
import HTTP
import JSON

/// `/v1/forecast`
struct ForecastRoutes: Sendable {
  let forecasts: ForecastService

  func add(to operations: inout Operations) {
    operations.add(.get, "/v1/forecast", .readForecast, query: ["history_days", "by"], forecast)
  }

  @Sendable private func forecast(_ call: Call) async throws -> Response {
    let (historyDays, by) = try call.request.query { query in
      let days = query.optional(
        "history_days", .int(ForecastService.historyRange), default: ForecastService.historyDays)
      let by = query.optional("by", .date)
      return (try days(), try by())
    }
    let outlook = try await forecasts.outlook(historyDays: historyDays)
    let day = by ?? outlook.lastDay
    guard outlook.forecast.capacity(by: day) != nil else {
      let detail = "expected a day from \(outlook.facts.today) to \(outlook.lastDay)"
      throw Problem(.invalidParameter, faults: [Problem.Fault(detail, parameter: "by")])
    }
    return .json { $0.object { outlook.writeFields(to: &$0, by: day) } }
  }
}
