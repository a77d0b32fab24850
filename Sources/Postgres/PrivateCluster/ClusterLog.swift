import Glibc

/// PostgreSQL's log file: two files of a bounded size, however long the cluster runs.
struct ClusterLog {
  let path: String
  static let limit = 8 << 20

  private var previous: String { path + ".1" }

  /// Opens it for a postmaster that is about to start; a full one is put aside first.
  func open(owner: ClusterUser) throws(SystemCallError) -> Int32 {
    if let facts = Files.facts(path), facts.size > Self.limit { rename(path, previous) }
    let file = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw SystemCallError("open", path) }
    try owner.takes(file: file, path: path)
    return file
  }

  /// Cuts the file under a running PostgreSQL, which appends and so goes on at the new end.
  func cutIfFull(limit: Int = Self.limit, owner: ClusterUser) throws(SystemCallError) {
    guard let facts = Files.facts(path), facts.size > limit else { return }
    let kept = Files.text(path, last: limit) ?? ""
    try Files.write(kept, to: previous, mode: 0o600, owner: owner)
    guard truncate(path, 0) == 0 else { throw SystemCallError("cut", path) }
  }

  /// The last lines, for an error message.
  func tail(lines count: Int = 4) -> String {
    let lines = (Files.text(path, last: 4_096) ?? "").split(separator: "\n")
    return lines.suffix(count).joined(separator: "\n")
  }
}
