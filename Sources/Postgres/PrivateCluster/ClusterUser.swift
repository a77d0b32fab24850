import Glibc

/// The user that a cluster belongs to and that its processes run as.
package struct ClusterUser: Hashable, Sendable {
  package let name: String
  package let id: uid_t
  package let group: gid_t
  /// Every group it is in, `group` among them.
  package let groups: [gid_t]

  /// Nil if this machine has no such user.
  package init?(named name: String) {
    guard let entry = getpwnam(name) else { return nil }
    self.init(entry.pointee)
  }

  package init?(id: uid_t) {
    guard let entry = getpwuid(id) else { return nil }
    self.init(entry.pointee)
  }

  private init(_ entry: passwd) {
    name = String(cString: entry.pw_name)
    id = entry.pw_uid
    group = entry.pw_gid
    var count: Int32 = 64
    var found = [gid_t](repeating: 0, count: Int(count))
    let result = getgrouplist(entry.pw_name, entry.pw_gid, &found, &count)
    groups = result < 0 ? [entry.pw_gid] : Array(found[..<Int(count)])
  }

  /// A user without an entry in the user database: only its number and group are known.
  private init(bare id: uid_t, group: gid_t) {
    name = "\(id)"
    self.id = id
    self.group = group
    groups = [group]
  }

  /// Who runs this process.
  package static var current: ClusterUser {
    ClusterUser(id: geteuid()) ?? ClusterUser(bare: geteuid(), group: getegid())
  }

  /// The user to start children as; nil where that is this process's own.
  var switched: ClusterUser? { id == geteuid() ? nil : self }

  /// Gives it a file just made by this process.
  func takes(file: Int32, path: String) throws(SystemCallError) {
    guard geteuid() == 0 else { return }
    guard fchown(file, id, group) == 0 else { throw SystemCallError("give to \(name)", path) }
  }

  func takes(_ path: String) throws(SystemCallError) {
    guard geteuid() == 0 else { return }
    guard lchown(path, id, group) == 0 else { throw SystemCallError("give to \(name)", path) }
  }

  /// The first of `directories` that this user may not pass through; asked of the kernel, so that
  /// access control lists count too.
  func firstClosed(of directories: [String]) throws(SystemCallError) -> String? {
    guard let user = switched else { return nil }
    var options = ChildProcess.Options()
    options.user = user
    let script = "for d do [ -x \"$d\" ] || { printf %s \"$d\"; exit 9; }; done"
    let (status, output) = try ChildProcess.run("/bin/sh", ["-c", script, "sh"] + directories, options)
    return status == .code(9) ? output : nil
  }
}
