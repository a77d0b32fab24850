import Foundation
import Terminal

/// A file that only this user can read, written piece by piece; it takes its place when it is whole.
final class ReportFile {
  private let path: String
  private let handle: FileHandle

  /// - Throws: `CommandFailure` when it cannot be written.
  init(_ path: String) throws(CommandFailure) {
    self.path = path
    let draft = path + ".new"
    unlink(draft)
    let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw CommandFailure("cannot write \(visible(path)): \(String(cString: strerror(errno)))")
    }
    handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
  }

  func write(_ text: String) throws(CommandFailure) {
    do { try handle.write(contentsOf: Array(text.utf8)) } catch {
      throw CommandFailure("cannot write \(visible(path))")
    }
  }

  func finish() throws(CommandFailure) {
    guard rename(path + ".new", path) == 0 else {
      throw CommandFailure("cannot write \(visible(path)): \(String(cString: strerror(errno)))")
    }
  }
}
