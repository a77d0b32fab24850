import Foundation
import Terminal

/// Files and standard input, read whole.
enum TextFile {
  /// The bytes of a file, or of standard input for `-`; nil when there is no such file.
  ///
  /// - Throws: `CommandFailure` when it cannot be read.
  static func bytes(_ path: String) throws(CommandFailure) -> [UInt8]? {
    if path == "-" {
      do { return try FileHandle.standardInput.readToEnd().map { [UInt8]($0) } ?? [] } catch {
        throw CommandFailure("cannot read standard input")
      }
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("read", path)
    }
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    do { return try handle.readToEnd().map { [UInt8]($0) } ?? [] } catch { throw failure("read", path) }
  }

  /// As `bytes`, as UTF-8 text.
  static func read(_ path: String) throws(CommandFailure) -> String? {
    guard let bytes = try bytes(path) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure("\(visible(path)) is not UTF-8 text")
    }
    return text
  }

  /// Writes a file that only this user can read, replacing it whole.
  static func writePrivate(_ text: String, to path: String) throws(CommandFailure) {
    let draft = path + ".new"
    unlink(draft)
    let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("write", draft) }
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    do { try handle.write(contentsOf: Array(text.utf8)) } catch { throw failure("write", draft) }
    guard rename(draft, path) == 0 else { throw failure("write", path) }
  }

  private static func failure(_ action: String, _ path: String) -> CommandFailure {
    CommandFailure("cannot \(action) \(visible(path)): \(String(cString: strerror(errno)))")
  }
}
