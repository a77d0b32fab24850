import CProcess
import Glibc

/// A system call that failed: what was tried, on what, and the errno.
package struct SystemCallError: Error, CustomStringConvertible {
  package let operation: String
  package let subject: String
  package let code: Int32

  package init(_ operation: String, _ subject: String, code: Int32 = errno) {
    self.operation = operation
    self.subject = subject
    self.code = code
  }

  package var description: String { "\(operation) \(subject): \(String(cString: strerror(code)))" }
}

/// The few file operations that a cluster needs, each retried on EINTR where that can happen.
enum Files {
  struct Facts {
    let mode: mode_t
    let owner: uid_t
    let group: gid_t
    let size: Int

    var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    var permissions: mode_t { mode & 0o7777 }
  }

  /// What stands at `path` itself (a link is not followed); nil if nothing does.
  static func facts(_ path: String) -> Facts? {
    var found = stat()
    guard lstat(path, &found) == 0 else { return nil }
    return Facts(
      mode: found.st_mode, owner: found.st_uid, group: found.st_gid, size: Int(found.st_size))
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func resolved(_ path: String) throws(SystemCallError) -> String {
    guard let text = realpath(path, nil) else { throw SystemCallError("resolve", path) }
    defer { free(text) }
    return String(cString: text)
  }

  /// Makes `path` and what is missing above it; the last component gets exactly `mode`.
  static func makeDirectories(_ path: String, mode: mode_t) throws(SystemCallError) {
    if exists(path) { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try makeDirectories(String(path[..<slash]), mode: 0o755)
    }
    guard mkdir(path, 0o700) == 0 else {
      if errno == EEXIST { return }
      throw SystemCallError("make directory", path)
    }
    guard chmod(path, mode) == 0 else { throw SystemCallError("chmod", path) }
  }

  /// The names in a directory, without `.` and `..`.
  static func names(in path: String) throws(SystemCallError) -> [String] {
    guard let directory = opendir(path) else { throw SystemCallError("list", path) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// The whole of a file, at most `limit` bytes from its end; nil if it cannot be read.
  static func read(_ path: String, last limit: Int = 1 << 20) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let size = lseek(file, 0, SEEK_END)
    _ = lseek(file, max(0, size - limit), SEEK_SET)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < limit {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      bytes += chunk[..<count]
    }
    return bytes
  }

  static func text(_ path: String, last limit: Int = 1 << 20) -> String? {
    read(path, last: limit).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Puts a file in place as a whole: written beside it, synced, renamed over it.
  static func write(_ text: String, to path: String, mode: mode_t, owner: ClusterUser)
    throws(SystemCallError)
  {
    let draft = path + ".new"
    let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard file >= 0 else { throw SystemCallError("write", draft) }
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw SystemCallError("write", draft) }
      rest = rest.dropFirst(count)
    }
    try owner.takes(file: file, path: draft)
    guard fsync(file) == 0 else { throw SystemCallError("sync", draft) }
    guard rename(draft, path) == 0 else { throw SystemCallError("rename", draft) }
  }

  /// Makes the entries of a directory durable.
  static func syncDirectory(_ path: String) throws(SystemCallError) {
    let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw SystemCallError("open", path) }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw SystemCallError("sync", path) }
  }

  /// Removes a directory and all below it; of links only the links.
  static func removeTree(_ path: String) throws(SystemCallError) {
    guard let facts = facts(path) else { return }
    if facts.isDirectory {
      for name in try names(in: path) { try removeTree(path + "/" + name) }
    }
    guard remove(path) == 0 || errno == ENOENT else { throw SystemCallError("remove", path) }
  }
}
