extension HostileGround {
  /// Bodies that are no JSON, or not of the kind and size that is taken.
  var broken: [Hostile] {
    let long = String(repeating: "x", count: 2 << 20)
    return [
      Hostile("no body", lease(""), .problem(400)),
      Hostile("only spaces", lease("   "), .problem(400)),
      Hostile("cut off", lease(#"{"company":"Targ"#), .problem(400)),
      Hostile("two documents", lease("{}{}"), .problem(400)),
      Hostile("a comment", lease("/* Confidential */{}"), .problem(400)),
      Hostile("a byte order mark", lease("\u{FEFF}{}"), .problem(400)),
      Hostile("a duplicate key", lease(wish(#""lead_id":"\#(leadID)""#)), .problem(400)),
      Hostile("a raw NUL", lease(wish("\"near\":\"a\0b\"")), .problem(400)),
      Hostile("an escaped NUL", lease(wish(#""near":"a\u0000b""#)), .problem(400)),
      Hostile("half a surrogate", lease(wish(#""near":"\ud800""#)), .problem(400)),
      Hostile(
        "bad UTF-8", lease(bytes: Array(#"{"company":""#.utf8) + [0xC3, 0x28, 0x22, 0x7D]), .problem(400)),
      Hostile("overlong UTF-8", lease(bytes: [0x22, 0xC0, 0x80, 0x22]), .problem(400)),
      Hostile("random bytes", lease(bytes: (0..<200).map { UInt8($0 * 7 % 256) }), .problem(400)),
      Hostile("deep arrays", lease(String(repeating: "[", count: 200_000)), .problem(400)),
      Hostile("deep objects", lease(String(repeating: #"{"a":"#, count: 100_000)), .problem(400)),
      Hostile(
        "deep within a field", lease(wish(#""near":\#(String(repeating: "[", count: 5_000))"#)), .problem(400)
      ),
      Hostile("a number beyond 64 bits", lease(wish(#""near":99999999999999999999"#)), .problem(400)),
      Hostile("a number beyond a double", lease(wish(#""near":1e999"#)), .problem(400)),
      Hostile("not a number", lease(wish(#""near":NaN"#)), .problem(400)),
      Hostile("a huge body", lease(#"{"company":"\#(long)"}"#), .problem(413)),
      Hostile(
        "a huge import", post("/v1/numbers/import", String(repeating: " ", count: 17 << 20)), .problem(413)),
      Hostile(
        "a form", request("POST", "/v1/leases", "company=x", type: "application/x-www-form-urlencoded"),
        .problem(415)),
      Hostile(
        "another charset", request("POST", "/v1/leases", "{}", type: "application/json; charset=utf-16"),
        .problem(415)),
      Hostile("a garbled type", request("POST", "/v1/leases", "{}", type: ";;;"), .problem(415)),
      Hostile("no type", request("POST", "/v1/leases", "{}", type: nil), .problem(415)),
      Hostile("a body where none belongs", post("/v1/jobs/sweep/run", "{}"), .problem(415)),
    ]
  }

  /// Bodies of `POST /v1/leases` that break a rule.
  var leases: [Hostile] {
    let name = String(repeating: "é", count: 201)
    return [
      Hostile("an array", lease("[]"), .problem(422)),
      Hostile("null", lease("null"), .problem(422)),
      Hostile("a string", lease(#""Confidential""#), .problem(422)),
      Hostile("nothing in it", lease("{}"), .problem(422)),
      Hostile("a company that is a number", lease(#"{"company":5,"lead_id":"\#(leadID)"}"#), .problem(422)),
      Hostile(
        "a company of 201 characters", lease(#"{"company":"\#(name)","lead_id":"\#(leadID)"}"#), .problem(422)
      ),
      Hostile(
        "a company with a control character", lease(#"{"company":"a\u0007b","lead_id":"\#(leadID)"}"#),
        .problem(422)),
      Hostile("a company on two lines", lease(#"{"company":"a\nb","lead_id":"\#(leadID)"}"#), .problem(422)),
      Hostile(
        "a company with a space at its end", lease(#"{"company":"a ","lead_id":"\#(leadID)"}"#), .problem(422)
      ),
      Hostile("an empty company", lease(#"{"company":"","lead_id":"\#(leadID)"}"#), .problem(422)),
      Hostile(
        "SQL for a company", lease(#"{"company":"' OR 1=1 --","lead_id":"\#(leadID)"}"#), .problem(404)),
      Hostile("a company and a client", lease(wish(#""client_id":"\#(clientID)""#)), .problem(422)),
      Hostile("neither company nor client", lease(#"{"lead_id":"\#(leadID)"}"#), .problem(422)),
      Hostile("a lead that is a number", lease(#"{"company":"a","lead_id":5}"#), .problem(422)),
      Hostile("a lead that is no UUID", lease(#"{"company":"a","lead_id":"Confidential"}"#), .problem(422)),
      Hostile("a UUID in braces", lease(#"{"company":"a","lead_id":"{\#(leadID)}"}"#), .problem(422)),
      Hostile(
        "a UUID without hyphens", lease(#"{"company":"a","lead_id":"\#(leadID.filter { $0 != "-" })"}"#),
        .problem(422)),
      Hostile(
        "no such lead", lease(#"{"company":"\#(Self.company)","lead_id":"\#(clientID)"}"#), .problem(404)),
      Hostile("an unknown field", lease(wish(#""Confidential":1"#)), .problem(422)),
      Hostile("a phone that is a number", lease(wish(#""customer_phone":4155550123"#)), .problem(422)),
      Hostile(
        "a phone that is none", lease(wish(#""customer_phone":"secret.person@example.com""#)), .problem(422)),
      Hostile(
        "a phone of 10,000 digits",
        lease(wish(#""customer_phone":"\#(String(repeating: "4155550123", count: 1_000))""#)), .problem(422)),
      Hostile(
        "a place of 101 characters", lease(wish(#""near":"\#(String(repeating: "n", count: 101))""#)),
        .problem(422)),
      Hostile("a place with a control character", lease(wish(#""near":"a\u001bb""#)), .problem(422)),
      Hostile("a place that is an object", lease(wish(#""near":{}"#)), .problem(422)),
    ]
  }

  /// Calls about a lease.
  var calls: [Hostile] {
    let path = "/v1/leases/\(leaseID)"
    func booked(_ at: String) -> String { outcome(#"{"outcome":"booked","appointment_at":\#(at)}"#) }
    func term(_ value: String) -> String { outcome(#"{"outcome":"busy","term":\#(value)}"#) }
    return [
      Hostile("an unknown outcome", outcome(#"{"outcome":"eaten"}"#), .problem(422)),
      Hostile("an outcome that is a list", outcome(#"{"outcome":["busy"]}"#), .problem(422)),
      Hostile("booked for no time", outcome(#"{"outcome":"booked"}"#), .problem(422)),
      Hostile(
        "busy with an appointment", outcome(#"{"outcome":"busy","appointment_at":"2030-01-01T00:00:00Z"}"#),
        .problem(422)),
      Hostile("a time without offset", booked(#""2030-01-01T00:00:00""#), .problem(422)),
      Hostile("February 30", booked(#""2030-02-30T00:00:00Z""#), .problem(422)),
      Hostile("hour 25", booked(#""2030-01-01T25:00:00Z""#), .problem(422)),
      Hostile("the year 10000", booked(#""10000-01-01T00:00:00Z""#), .problem(422)),
      Hostile("the year 0", booked(#""0000-01-01T00:00:00Z""#), .problem(422)),
      Hostile("a time that is a number", booked("1893456000"), .problem(422)),
      Hostile("a time in the past", booked(#""1999-12-31T23:59:59Z""#), .problem(422)),
      Hostile("a time in a far century", booked(#""9999-12-31T23:59:59.999999Z""#), .problem(422)),
      Hostile("term 0", term("0"), .problem(422)),
      Hostile("a negative term", term("-1"), .problem(422)),
      Hostile("a broken term", term("1.5"), .problem(422)),
      Hostile("a term beyond 2⁵³", term("9007199254740992"), .problem(422)),
      Hostile("a term beyond 64 bits", term("9223372036854775808"), .problem(400)),
      Hostile("a term that is a string", term(#""1""#), .problem(422)),
      Hostile(
        "an outcome of no lease", post("/v1/leases/\(clientID)/outcome", #"{"outcome":"busy"}"#),
        .problem(404)),
      Hostile("a renewal with a list", post("\(path)/renew", "[1]"), .problem(422)),
      Hostile("a renewal with an unknown field", post("\(path)/renew", #"{"until":1}"#), .problem(422)),
      Hostile("a release without term", request("DELETE", path), .problem(400)),
      Hostile("a release with a garbled term", request("DELETE", "\(path)?term=1e3"), .problem(400)),
      Hostile("a release with an empty term", request("DELETE", "\(path)?term="), .problem(400)),
      Hostile(
        "a release with a huge term", request("DELETE", "\(path)?term=99999999999999999999"), .problem(400)),
      Hostile("a release with two terms", request("DELETE", "\(path)?term=1&term=2"), .problem(400)),
      Hostile("a release with a body", request("DELETE", "\(path)?term=1", "{}"), .problem(415)),
    ]
  }

  /// Bodies of the other commands.
  var others: [Hostile] {
    let long = String(repeating: "n", count: 201)
    func row(_ number: String, id: String = "x") -> String {
      #"{"vapi_phone_number_id":"\#(id)","number":"\#(number)","name":"n","#
        + #""assigned_broker_company":"\#(Self.company)"}"#
    }
    func load(_ rows: String) -> String { post("/v1/numbers/import", #"{"numbers":[\#(rows)]}"#) }
    let many = Array(repeating: "{}", count: 10_001).joined(separator: ",")
    return [
      Hostile("a client of 201 characters", client(#"{"company_name":"\#(long)"}"#), .problem(422)),
      Hostile("a client with a control character", client(#"{"company_name":"a\tb"}"#), .problem(422)),
      Hostile("a client on Mars", client(#"{"company_name":"m","time_zone":"Mars/Olympus"}"#), .problem(422)),
      Hostile(
        "a client in a file", client(#"{"company_name":"m","time_zone":"../../etc/passwd"}"#), .problem(422)),
      Hostile("a mark below zero", client(#"{"company_name":"m","low_water_mark":-1}"#), .problem(422)),
      Hostile(
        "a mark beyond 32 bits", client(#"{"company_name":"m","low_water_mark":2147483648}"#), .problem(422)),
      Hostile("a mark that is true", client(#"{"company_name":"m","low_water_mark":true}"#), .problem(422)),
      Hostile("a client that exists", client(#"{"company_name":"\#(Self.company)"}"#), .problem(409)),
      Hostile("no change at all", request("PATCH", "/v1/clients/\(clientID)", "{}"), .problem(422)),
      Hostile(
        "an address that is none", post("/v1/leads", #"{"primary_email":"secret.person"}"#), .problem(422)),
      Hostile(
        "an address of two lines", post("/v1/leads", #"{"primary_email":"secret.person@a.b\nBcc: c@d.e"}"#),
        .problem(422)),
      Hostile(
        "a name of 101 characters", post("/v1/leads", #"{"first_name":"\#(long.prefix(101))"}"#),
        .problem(422)),
      Hostile("an unknown role", post("/v1/keys", #"{"name":"k","role":"root"}"#), .problem(422)),
      Hostile("a sender of nobody", post("/v1/keys", #"{"name":"k","role":"sender"}"#), .problem(422)),
      Hostile(
        "an operator of a client",
        post("/v1/keys", #"{"name":"k","role":"operator","client_id":"\#(clientID)"}"#), .problem(422)),
      Hostile(
        "a key for no client", post("/v1/keys", #"{"name":"k","role":"sender","client_id":"\#(leadID)"}"#),
        .problem(404)),
      Hostile("an empty import", load(""), .problem(422)),
      Hostile("an import of no rows", load("1,null,[]"), .problem(422)),
      Hostile("an import of 10,001 rows", load(many), .problem(422)),
      Hostile("a number that is none", load(row("+1 555")), .problem(422)),
      Hostile(
        "a number twice", load(row("+14155550123") + "," + row("+14155550123", id: "y")), .problem(422)),
      Hostile("an id twice", load(row("+14155550123") + "," + row("+14155550124")), .problem(422)),
      Hostile(
        "an unknown status", request("PATCH", "/v1/numbers/target-1", #"{"status":"eaten"}"#), .problem(422)),
      Hostile("a job that is none", request("POST", "/v1/jobs/eat/run", ""), .problem(404)),
    ]
  }
}
