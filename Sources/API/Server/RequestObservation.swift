import HTTP
import Runtime
import Synchronization

/// Metrics and log lines about requests.
public final class RequestObservation: RequestObserver {
  private struct Series: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  private let durations: Family<Histogram>
  private let known = Mutex<[Series: Histogram]>([:])
  private let accessLog: Log?
  private let errorLog: Log

  /// - Parameters:
  ///   - accessLog: gets a line for each request; nil: no lines.
  ///   - errorLog: gets a line for each fault of ours.
  public init(metrics: Metrics, accessLog: Log?, errorLog: Log) {
    durations = metrics.histograms(
      "http_server_request_duration_seconds", "Time from the request line to the last byte of the answer.",
      labels: ["http_request_method", "http_route", "http_response_status_code"], buckets: .shortSeconds)
    self.accessLog = accessLog
    self.errorLog = errorLog
  }

  public func requestEnded(_ report: RequestReport) {
    // Labels are the program's words only: a method or path of the caller's own invention is not one.
    let series = Series(
      method: Method(rawValue: report.method)?.rawValue ?? "_OTHER", route: report.route ?? "",
      status: report.status?.rawValue ?? 0)
    histogram(series).observe(report.duration)
    guard let accessLog else { return }
    accessLog.info("request", Self.fields(report, series))
  }

  public func requestFailed(id: String, route: Route, error: any Error) {
    errorLog.error(
      "request failed",
      [
        "request_id": .vouched(id), "method": .vouched(route.method.rawValue),
        "route": .vouched(route.template), "error": .error(error),
      ])
  }

  private func histogram(_ series: Series) -> Histogram {
    known.withLock { known in
      if let histogram = known[series] { return histogram }
      let histogram = durations[series.method, series.route, series.status == 0 ? "" : String(series.status)]
      known[series] = histogram
      return histogram
    }
  }

  private static func fields(_ report: RequestReport, _ series: Series) -> LogFields {
    [
      "request_id": .vouched(report.id), "method": .vouched(series.method), "route": .vouched(series.route),
      "status": .count(series.status), "took_s": .seconds(report.duration),
      "received": .count(report.bytesReceived), "sent": .count(report.bytesSent),
      "outcome": .vouched(report.outcome.rawValue),
    ]
  }
}
