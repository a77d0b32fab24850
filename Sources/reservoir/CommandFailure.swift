/// Why a command did not do what it was asked to; says what to do about it. Exit code 1.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
