import Runtime
import Terminal

extension ReservoirProgram {
  var config: Command {
    command(
      "config", "Shows the settings in force and where each came from; secrets are masked.",
      discussion:
        "A setting comes from its flag, else its variable, else its line in the file, else its default.",
      options: Settings.server.map(\.option),
      examples: [
        Example("reservoir config", "What a server that is started here would use."),
        Example("reservoir config --json", "The same for programs."),
      ]
    ) { context in
      let resolved = context.configuration.resolved
      if context.isJSON {
        context.print { writer in
          writer.array { writer in
            for (setting, declared) in zip(resolved, Settings.all) {
              writer.object {
                $0.field("name", setting.name)
                $0.field("value", setting.shown)
                $0.field("source", setting.source.description)
                $0.field("variable", declared.variable)
              }
            }
          }
        }
        return .success
      }
      var table = Table([.whole("SETTING"), .text("VALUE"), .text("FROM")])
      for setting in resolved { table.add([setting.name, setting.shown ?? "-", setting.source.description]) }
      context.console.out.write(table.text(for: context.console.out))
      return .success
    }
  }
}
