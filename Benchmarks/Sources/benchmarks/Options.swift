/// The command line.
struct Options {
  var rows = Row.allCases
  var plan = Plan.full
  var isJSON = false
  var reservoir: String?
  var directory = "/tmp"

  static var help: String {
    """
    Usage: benchmarks --reservoir PATH [options]

    Measures reservoir against hand-written SQL on one PostgreSQL, and prints one table. How to read it
    stands in docs/benchmarks.md.

      --only ROW,…        some rows:
    \(Row.allCases.map { "                            \($0.rawValue): \($0.help)" }.joined(separator: "\n"))
      --quick             a short run with less data
      --full              dedupe with 1,000,000 people
      --rounds N          rounds of each side; medians are told
      --seconds N         length of one side in one round
      --json              everything as JSON, each round with it
      --reservoir PATH    the program to measure, a release build
      --directory DIR     where the cluster is made and removed again (default /tmp); needs 5 GB
      --help              this text

    Ends with 0 if all targets were met, 1 if one was missed or a row failed, 2 on wrong usage.
    """
  }

  /// - Throws: `Failure` for wrong usage. Nil means that help is wanted.
  init?(_ arguments: [String]) throws {
    var rest = arguments[...]
    var changes: [(inout Plan) -> Void] = []
    func value(_ name: String) throws -> String {
      guard let value = rest.popFirst() else { throw Failure("\(name) needs a value") }
      return value
    }
    func count(_ name: String) throws -> Int {
      guard let count = Int(try value(name)), count > 0 else {
        throw Failure("\(name) needs a number above 0")
      }
      return count
    }
    while let option = rest.popFirst() {
      switch option {
      case "--help", "-h": return nil
      case "--quick": plan = .quick
      case "--full": changes.append { $0.deduped = 1_000_000 }
      case "--json": isJSON = true
      case "--reservoir": reservoir = try value(option)
      case "--directory": directory = try value(option)
      case "--rounds":
        let rounds = try count(option)
        changes.append { $0.rounds = rounds }
      case "--seconds":
        let seconds = try count(option)
        changes.append { $0.seconds = seconds }
      case "--only": rows = try Self.rows(try value(option))
      default: throw Failure("unknown option \(option)")
      }
    }
    for change in changes { change(&plan) }
  }

  private static func rows(_ list: String) throws -> [Row] {
    let names = list.split(separator: ",").map(String.init)
    for name in names where Row(rawValue: name) == nil {
      throw Failure("unknown row \(name); there are \(Row.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return Row.allCases.filter { names.contains($0.rawValue) }
  }
}
