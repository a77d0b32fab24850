import TestSupport

extension HostileGround {
  /// Paths and queries.
  var targets: [Hostile] {
    let lists = "/v1/leases"
    return [
      Hostile("no such path", get("/v1/Confidential"), .problem(404)),
      Hostile("dots", get("/v1/../v1/leases"), .problem(404)),
      Hostile("encoded dots", get("/v1/leases/%2e%2e/keys"), .problem(404)),
      Hostile("a lease that is no UUID", get("/v1/leases/Confidential"), .problem(400)),
      Hostile("a lease with a NUL", get("/v1/leases/%00"), .problem(400)),
      Hostile("no such lease", get("/v1/leases/\(clientID)"), .problem(404)),
      Hostile("a number with bad UTF-8", get("/v1/numbers/%C3%28"), .problem(400)),
      Hostile("a number with a cut-off escape", get("/v1/numbers/%4"), .problem(400)),
      Hostile(
        "a number of 4,000 characters", get("/v1/numbers/" + String(repeating: "a", count: 4_000)),
        .problem(404)),
      Hostile("a path of 100,000 characters", get("/" + String(repeating: "a", count: 100_000)), .bare(414)),
      Hostile("a limit of 0", get("\(lists)?limit=0"), .problem(400)),
      Hostile("a negative limit", get("\(lists)?limit=-1"), .problem(400)),
      Hostile("a limit of 1,001", get("\(lists)?limit=1001"), .problem(400)),
      Hostile("a limit beyond 64 bits", get("\(lists)?limit=99999999999999999999"), .problem(400)),
      Hostile("a limit in words", get("\(lists)?limit=ten"), .problem(400)),
      Hostile("two limits", get("\(lists)?limit=1&limit=1"), .problem(400)),
      Hostile("a forged cursor", get("\(lists)?cursor=AAAA"), .problem(400)),
      Hostile("a cursor that is no base64", get("\(lists)?cursor=!!!"), .problem(400)),
      Hostile("an unknown parameter", get("\(lists)?company=Confidential"), .problem(400)),
      Hostile("an unknown state", get("\(lists)?state=alive"), .problem(400)),
      Hostile("a client that is no UUID", get("\(lists)?client_id=1"), .problem(400)),
      Hostile("bad UTF-8 in a query", get("\(lists)?state=%FF"), .problem(400)),
      Hostile("a NUL in a query", get("\(lists)?state=%00"), .problem(400)),
      Hostile("an area code in letters", get("/v1/numbers?area_code=abc"), .problem(400)),
      Hostile(
        "a time without offset", get("/v1/numbers/target-1/holders?at=2030-01-01T00:00:00"), .problem(400)),
      Hostile("a search for no address", get("/v1/leads?primary_email=secret.person"), .problem(400)),
      Hostile("an asterisk", get("*"), .problem(400)),
      Hostile("no slash", get("v1/leases"), .problem(400)),
    ]
  }

  /// Methods, keys and idempotency keys.
  var callers: [Hostile] {
    let good = wish(#""near":null"#)
    func keyed(_ key: String) -> String {
      request("POST", "/v1/leases", good, fields: "Idempotency-Key: \(key)\r\n")
    }
    func called(_ fields: String) -> String { request("GET", "/v1/leases", fields: fields, key: nil) }
    return [
      Hostile("PUT", request("PUT", "/v1/leases", good), .problem(405)),
      Hostile("PATCH of a list", request("PATCH", "/v1/leases", good), .problem(405)),
      Hostile("DELETE of a list", request("DELETE", "/v1/leases"), .problem(405)),
      Hostile("TRACE", request("TRACE", "/v1/leases"), .problem(405)),
      Hostile("POST to a GET", post("/healthz", "{}"), .problem(405)),
      Hostile("a method in lower case", request("post", "/v1/leases", good), .problem(405)),
      Hostile("an invented method", request("LEASE", "/v1/leases"), .problem(405)),
      Hostile("no key", called(""), .problem(401)),
      Hostile("a wrong key", called("Authorization: Bearer rsv_no-such-key\r\n"), .problem(401)),
      Hostile(
        "a wrong key of the right form",
        called("Authorization: Bearer rsv_no-such-key\(String(repeating: "0", count: 36))\r\n"), .problem(401)
      ),
      Hostile("another scheme", called("Authorization: Basic c2VjcmV0LnBlcnNvbjp4\r\n"), .problem(401)),
      Hostile("an empty key", called("Authorization: Bearer \r\n"), .problem(401)),
      Hostile(
        "a key of 5,000 characters", called("X-API-Key: \(String(repeating: "k", count: 5_000))\r\n"),
        .problem(401)),
      Hostile(
        "a key that is no UTF-8",
        Array("GET /v1/leases HTTP/1.1\r\nHost: t\r\nX-API-Key: ".utf8) + [0xFF, 0xFE]
          + Array("\r\n\r\n".utf8), .problem(401)),
      Hostile(
        "a key in the query", request("GET", "/v1/leases?key=\(LiveServer.key)", key: nil), .problem(400)),
      Hostile(
        "a sender who makes clients",
        request("POST", "/v1/clients", #"{"company_name":"x"}"#, key: strangerKey), .problem(403)),
      Hostile("a sender who lists keys", request("GET", "/v1/keys", key: strangerKey), .problem(403)),
      Hostile(
        "a stranger who reads a lease", request("GET", "/v1/leases/\(leaseID)", key: strangerKey),
        .problem(404)),
      Hostile(
        "a stranger who ends a lease", request("DELETE", "/v1/leases/\(leaseID)?term=1", key: strangerKey),
        .problem(404)),
      Hostile("a stranger who leases", request("POST", "/v1/leases", good, key: strangerKey), .problem(404)),
      Hostile("an empty idempotency key", keyed(""), .problem(400)),
      Hostile(
        "an idempotency key of 256 characters", keyed(String(repeating: "k", count: 256)), .problem(400)),
      Hostile("an idempotency key with a space", keyed("private-idempotency key"), .problem(400)),
      Hostile("an idempotency key with a quote", keyed("private-idempotency\"key"), .problem(400)),
      Hostile("an idempotency key beyond ASCII", keyed("private-idempotency-é"), .problem(400)),
      Hostile("an idempotency key for another body", keyed(usedKey), .problem(422)),
    ]
  }
}
