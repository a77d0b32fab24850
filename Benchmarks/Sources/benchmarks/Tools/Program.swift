import Foundation
import Synchronization

/// A program under way. Its output goes to files, so that it can never wait for a reader.
final class Program {
  /// Those that must not outlive the benchmark, by process id.
  static let children = Mutex<Set<Int32>>([])

  private let process = Process()
  private let name: String
  private let output: URL
  private let errors: URL

  /// - Parameter input: a file for standard input; without it there is none.
  init(
    _ path: String, _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:],
    input: Any? = nil
  ) throws {
    name = (path as NSString).lastPathComponent
    output = scratch.file("\(name).out")
    errors = scratch.file("\(name).err")
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = scratch.directory
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = input ?? FileHandle.nullDevice
    process.standardOutput = try Self.handle(output)
    process.standardError = try Self.handle(errors)
    do { try process.run() } catch { throw Failure("\(path) cannot be started: \(error)") }
    let id = process.processIdentifier
    Self.children.withLock { _ = $0.insert(id) }
  }

  private static func handle(_ file: URL) throws -> FileHandle {
    guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
      throw Failure("\(file.path) cannot be written")
    }
    return try FileHandle(forWritingTo: file)
  }

  var id: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// What it has written so far.
  var written: String { Self.text(output) }

  /// The last lines of its errors.
  var complaint: String {
    let lines = Self.text(errors).split(separator: "\n").suffix(5)
    return lines.joined(separator: " | ")
  }

  private static func text(_ file: URL) -> String {
    String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
  }

  /// Waits for its end.
  /// - Returns: what it wrote.
  /// - Throws: `Failure` with its last errors, unless it ended with 0.
  @discardableResult
  func wait() throws -> String {
    process.waitUntilExit()
    Interruption.check()
    forget()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Failure("\(name) ended with \(process.terminationStatus): \(complaint)")
    }
    defer { removeFiles() }
    return written
  }

  /// Asks it to end, and waits until it has.
  func stop() {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    Interruption.check()
    forget()
  }

  private func forget() {
    let id = process.processIdentifier
    Self.children.withLock { _ = $0.remove(id) }
  }

  private func removeFiles() {
    try? FileManager.default.removeItem(at: output)
    try? FileManager.default.removeItem(at: errors)
  }

  /// Runs it to its end and returns what it wrote.
  static func run(
    _ path: String, _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:]
  ) throws -> String {
    try Program(path, arguments, in: scratch, environment: environment).wait()
  }
}
