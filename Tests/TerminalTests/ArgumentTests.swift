import Terminal
import Testing

/// A small tree with every kind of part, whose commands print what they were given.
let program = Program(
  "pool", version: "1.2.3",
  root: Command(
    "", "Keeps a pool.",
    options: [
      .flag("json", "Prints JSON."),
      .value("data-dir", "DIR", short: "d", "Where data is.", default: ".pool"),
    ],
    subcommands: [
      Command(
        "numbers", "Numbers of the pool.",
        subcommands: [
          Command(
            "import", "Loads numbers.",
            options: [
              .value("format", "csv|json", "The form.", default: "csv"),
              .value("limit", "N", short: "n", "How many."), .values("tag", "TEXT", "A tag."),
              .flag("create-clients", "Makes clients."),
            ],
            positionals: [.required("file", "What to read."), .rest("more", "Other files.")],
            examples: [Example("pool numbers import a.csv", "Loads a file.")]
          ) { invocation, console in
            let limit = try invocation.optionalInteger("limit", in: 1...100).map(String.init) ?? "none"
            console.print(
              [
                invocation.text("file"), invocation.values("more").joined(separator: "+"),
                invocation.text("format"), limit, invocation.values("tag").joined(separator: "+"),
                String(invocation.flag("json")), String(invocation.flag("create-clients")),
                invocation.text("data-dir"),
              ].joined(separator: "|"))
            return .success
          },
          Command(
            "release", "Releases a number.",
            options: [.value("term", "N", "The term.", required: true)],
            positionals: [.optional("number", "Which.", default: "all")]
          ) { invocation, console in
            console.print("\(try invocation.integer("term")) \(invocation.text("number"))")
            return .success
          },
        ]),
      Command("check", "Proves the pool.") { _, _ in throw Broken() },
    ]))

struct Broken: Error, CustomStringConvertible { var description: String { "the pool is broken" } }

func run(_ line: String, colours: Bool = false) async -> (code: Int32, out: String, err: String) {
  let out = StringOutput(width: colours ? 80 : nil, hasColours: colours)
  let err = StringOutput(width: colours ? 80 : nil, hasColours: colours)
  let words = line.split(separator: " ").map(String.init)
  let code = await program.run(words, console: Console(out: out, err: err))
  return (code.rawValue, out.text, err.text)
}

@Suite struct ArgumentTests {
  @Test(
    "values stand before or after, with = or a space",
    arguments: [
      ("numbers import a.csv", "a.csv||csv|none||false|false|.pool"),
      ("--json numbers import a.csv b c", "a.csv|b+c|csv|none||true|false|.pool"),
      ("numbers import --json -d x a.csv", "a.csv||csv|none||true|false|x"),
      ("numbers --data-dir=y import a.csv -n 5", "a.csv||csv|5||false|false|y"),
      ("numbers import a.csv --tag x --tag=y=z", "a.csv||csv|none|x+y=z|false|false|.pool"),
      ("numbers import --create-clients a.csv --format json", "a.csv||json|none||false|true|.pool"),
      ("numbers import -- --json", "--json||csv|none||false|false|.pool"),
      ("numbers import - -5", "-|-5|csv|none||false|false|.pool"),
      ("numbers import a --json=false", "a||csv|none||false|false|.pool"),
      ("--create-clients numbers import a", "a||csv|none||false|true|.pool"),
      ("numbers release --term 3", "3 all"),
      ("numbers release 7 --term=-3", "-3 7"),
    ])
  func values(_ line: String, _ expected: String) async {
    let result = await run(line)
    #expect(result.out == expected + "\n")
    #expect(result.code == 0)
    #expect(result.err.isEmpty)
  }

  @Test(
    "a wrong line exits with 2, says what is wrong and prints nothing on out",
    arguments: [
      ("numbers imprt a", "there is no command 'numbers imprt'; did you mean 'import'?"),
      ("nubmers import a", "there is no command 'nubmers'; did you mean 'numbers'?"),
      ("numbers xyzzy", "there is no command 'numbers xyzzy'"),
      ("numbers import a --fromat json", "there is no option --fromat; did you mean '--format'?"),
      ("numbers import a --jsn", "there is no option --jsn; did you mean '--json'?"),
      ("numbers import a -x", "there is no option -x"),
      ("numbers", "'numbers' needs a command: import, release"),
      ("numbers import", "<file> is missing"),
      ("numbers release", "--term N is missing"),
      ("numbers release 1 2 --term 3", "'2' is one argument too many"),
      ("numbers import a --limit", "--limit needs a value"),
      ("numbers import a --limit --json", "--limit needs a value"),
      ("numbers import a --limit ten", "--limit: expected a whole number from 1 to 100, not 'ten'"),
      ("numbers import a --limit 101", "--limit: expected a whole number from 1 to 100, not '101'"),
      ("numbers import a --limit 1 --limit 2", "--limit is given twice"),
      ("numbers import a --json=maybe", "--json is a switch and takes no value"),
      ("numbers release --term x", "--term: expected a whole number, not 'x'"),
    ])
  func wrong(_ line: String, _ message: String) async {
    let result = await run(line)
    #expect(result.code == 2)
    #expect(result.out.isEmpty)
    #expect(result.err.hasPrefix("error: \(message)\n"), "\(result.err)")
    #expect(result.err.contains("--help' shows what is possible."))
  }

  @Test func `a failed command exits with 1`() async {
    let result = await run("check")
    #expect(result.code == 1)
    #expect(result.err == "error: the pool is broken\n")
  }

  @Test func `help tells everything about a command`() async {
    let help = """
      Loads numbers.

      USAGE
        pool numbers import [options] <file> [<more>...]

      ARGUMENTS
        <file>  What to read.
        <more>  Other files.

      OPTIONS
            --format csv|json  The form. (default: csv)
        -n, --limit N          How many.
            --tag TEXT         A tag. (may be repeated)
            --create-clients   Makes clients.

      GLOBAL OPTIONS
            --json          Prints JSON.
        -d, --data-dir DIR  Where data is. (default: .pool)
            --no-color      Prints no colours, also on a terminal.
        -h, --help          Shows this help.

      EXAMPLES
        # Loads a file.
        pool numbers import a.csv

      """
    for line in [
      "numbers import --help", "--help numbers import", "numbers import -h a --limit 1",
      "help numbers import", "numbers import --nonsense --help",
    ] {
      let result = await run(line)
      #expect(result.out == help, "\(line)")
      #expect(result.code == 0)
    }
  }

  @Test func `the program alone, --help and help show the commands`() async {
    let alone = await run("")
    #expect(alone.out.contains("COMMANDS\n  numbers  Numbers of the pool.\n  check    Proves the pool.\n"))
    #expect(alone.code == 0)
    #expect(await run("--help").out == alone.out)
    #expect(await run("help").out == alone.out)
    #expect(await run("numbers --help").out.contains("pool numbers COMMAND [options]"))
  }

  @Test func `the version is printed`() async {
    #expect(await run("--version").out == "pool 1.2.3\n")
    #expect(await run("numbers --version").code == 2)
  }

  @Test func `colours only where the output has them and nobody refused`() async {
    #expect(await run("--help", colours: true).out.contains("\u{1b}[1mCOMMANDS\u{1b}[0m"))
    #expect(!(await run("--help --no-color", colours: true).out.contains("\u{1b}")))
    #expect(await run("check", colours: true).err.contains("\u{1b}[31merror:"))
    #expect(!(await run("check --no-color", colours: true).err.contains("\u{1b}")))
  }

  @Test func `words of the command line cannot forge output`() async {
    let result = await run("numbers \u{1b}[2J")
    #expect(!result.err.contains("\u{1b}"))
  }

  @Test(
    "the nearest word",
    arguments: [
      ("imoprt", "import"), ("IMPORT", "import"), ("imp", "import"), ("lst", "list"), ("zzz", nil), ("", nil),
    ])
  func nearestWord(_ word: String, _ expected: String?) {
    #expect(nearest(to: word, in: ["import", "list", "lease", "release"]) == expected)
  }

  @Test func `a name that a command does not declare stops the program`() async {
    await #expect(processExitsWith: .failure) {
      let command = Command("x", "y") { invocation, _ in
        _ = invocation.flag("undeclared")
        return .success
      }
      _ = await Program("p", version: "1", root: Command("", "z", subcommands: [command]))
        .run(["x"], console: Console(environment: [:]))
    }
  }
}
