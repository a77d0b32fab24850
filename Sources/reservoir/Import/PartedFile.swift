import Foundation
import Terminal

/// A file or standard input, read part by part.
final class PartedFile {
  /// In bytes; nil for what has no size of its own.
  let size: Int?
  private let handle: FileHandle
  private let path: String

  /// - Throws: `CommandFailure` when there is no such file, or it cannot be read.
  init(_ path: String) throws(CommandFailure) {
    self.path = path
    if path == "-" {
      handle = .standardInput
      size = nil
      return
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { throw CommandFailure("there is no file \(visible(path))") }
      throw CommandFailure("cannot read \(visible(path)): \(String(cString: strerror(errno)))")
    }
    handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    var status = stat()
    size = fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  /// The next part; nil at the end.
  func next() throws(CommandFailure) -> Data? {
    do {
      guard let part = try handle.read(upToCount: 1 << 16), !part.isEmpty else { return nil }
      return part
    } catch { throw CommandFailure("cannot read \(visible(path))") }
  }
}
