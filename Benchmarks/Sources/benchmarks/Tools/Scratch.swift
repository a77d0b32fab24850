import Foundation
import Synchronization

/// The directory of one run: the cluster, scripts, logs. Removed at its end.
final class Scratch: Sendable {
  let directory: URL
  private let count = Atomic<Int>(0)

  /// - Parameter parent: where to make it; PostgreSQL's user must be able to enter it.
  init(below parent: String) throws {
    let name = "reservoir-benchmarks.\(getpid())"
    directory = URL(fileURLWithPath: parent).appendingPathComponent(name).standardizedFileURL
    do {
      try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
    } catch {
      throw Failure("no directory can be made below \(parent): \(error.localizedDescription)")
    }
  }

  /// A name in it that was not used before.
  func file(_ name: String) -> URL {
    let number = count.add(1, ordering: .relaxed).newValue
    return directory.appendingPathComponent("\(number)-\(name)")
  }

  /// Writes a file and returns its path.
  func write(_ text: String, _ name: String) throws -> String {
    let file = file(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  func remove() { try? FileManager.default.removeItem(at: directory) }
}
