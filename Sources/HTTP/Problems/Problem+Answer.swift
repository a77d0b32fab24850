import JSON

extension Problem {
  /// What reading a JSON body threw, as an answer. A problem passes through.
  ///
  /// Other errors of the reading closure never get here: `JSONObjectReader` turns them into issues.
  init(readingBody error: any Error) {
    switch error {
    case let error as JSONSyntaxError:
      self.init(
        .badJSON, error.description, extensions: ["line": .int(error.line), "column": .int(error.column)])
    case let error as JSONIssues:
      self.init(.validation, faults: error.issues.map { Fault($0.detail, pointer: $0.pointer) })
      if error.omitted > 0 { detail = "\(error.omitted) more errors are not listed" }
    default:
      self = error as? Problem ?? Problem(.badJSON)
    }
  }

  /// - Parameters:
  ///   - base: what `type` begins with, e.g. `https://example.com/problems/`
  ///   - id: the request's, for `instance`
  func response(base: String, id: String) -> Response {
    let body = JSON.write { writer in
      writer.object { object in
        object.field("type", base + kind.slug)
        object.field("title", kind.title)
        object.field("status", kind.status.rawValue)
        if let detail { object.field("detail", detail) }
        object.field("instance", "urn:request:" + id)
        if !faults.isEmpty { object.array("errors") { list in faults.forEach { $0.write(to: &list) } } }
        for (key, value) in extensions { object.field(named: key, value) }
      }
    }
    let response = Response(kind.status, contentType: ContentType.problem, body: body)
    return headers.reduce(response) { $0.with($1.name, $1.value) }
  }
}

extension Problem.Fault: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("detail", detail)
      switch place {
      case .pointer(let pointer): object.field("pointer", pointer)
      case .parameter(let name): object.field("parameter", name)
      case .header(let name): object.field("header", name)
      }
    }
  }
}
