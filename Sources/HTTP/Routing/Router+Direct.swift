extension Router {
  /// Answers without a socket: what the server would answer to this request. For tests and embedding.
  public func respond(
    _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    bodyLimit: Int = ServerConfiguration.defaultBodyLimit
  ) async -> Response {
    let source = HeaderSource.list(headers)
    let id = source.value("x-request-id").flatMap(RequestID.init(given:)) ?? RequestID.fresh()
    let admission = admit(method: method, target: Array(target.utf8))
    let response: Response
    if case .route(let match, let method, let target) = admission {
      let limit = match.route.bodyLimit ?? bodyLimit
      if body.count > limit {
        response = answer(.payloadTooLarge(limit: limit), id.text)
      } else {
        let media = source.value("content-type").map { MediaType($0) } ?? .none
        let core = Request.Core(
          method: method, target: target, match: match, headers: source, media: media, body: body,
          id: id.text,
          deadline: .never)
        response = await respond(Request(core))
      }
    } else {
      response = answer(admission, id.text) ?? answer(Problem(.internalError), id.text)
    }
    return response.with("X-Request-Id", id.text)
  }
}
