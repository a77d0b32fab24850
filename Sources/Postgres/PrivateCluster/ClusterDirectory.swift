import Glibc

/// The layout of a private cluster's directory, and the right to use it.
///
///     private-cluster   marker; every user of the cluster holds a shared lock on it
///     start.lock        held exclusively by whoever starts or stops PostgreSQL
///     data/             PostgreSQL's data directory, with a marker of its own
///     data.new/         an initdb under way; found at rest, it is left from a crash and is removed
///     run/              the socket's directory, mode 0700
///     postgres.log      PostgreSQL's log; postgres.log.1 is the one before
struct ClusterDirectory: Hashable, Sendable {
  /// Absolute, without links.
  let path: String
  let owner: ClusterUser

  static let markerName = "private-cluster"

  var marker: String { path + "/" + Self.markerName }
  var startLock: String { path + "/start.lock" }
  var data: String { path + "/data" }
  var draft: String { path + "/data.new" }
  var log: String { path + "/postgres.log" }
  var settings: String { data + "/private.conf" }
  var postmasterFile: String { data + "/postmaster.pid" }

  /// Names this cluster's processes among all of the machine.
  var clusterName: String { "private-" + FNV.hexadecimal(data) }

  /// Where the socket is: below the directory, or, if the socket's address would be longer than the 107
  /// bytes that the system allows or hold characters that libpq gives a meaning, a short one under /tmp.
  var socketDirectory: String {
    let near = path + "/run"
    let plain = near.utf8.allSatisfy { byte in
      isalnum(Int32(byte)) != 0 && byte < 128 || "/._+-".utf8.contains(byte)
    }
    let fits = (near + "/.s.PGSQL.5432").utf8.count <= 107
    return plain && fits ? near : "/tmp/" + clusterName
  }

  /// Makes the directory if needed and claims it.
  /// - Throws: `foreignDirectory` if it holds anything that this program did not make.
  init(preparing requested: String, user: String) throws(PrivateClusterError) {
    do {
      let mode: mode_t = geteuid() == 0 ? 0o711 : 0o700
      try Files.makeDirectories(requested, mode: mode)
      path = try Files.resolved(requested)
      owner = try Self.owner(of: path, user: user)
      try claim()
    } catch let error as SystemCallError {
      throw PrivateClusterError(error)
    } catch let error as PrivateClusterError {
      throw error
    } catch {
      preconditionFailure("only these two are thrown above")
    }
    try checkReachable()
  }

  /// The cluster's owner if there is a cluster; else this process's user, or `user` when that is root.
  private static func owner(of path: String, user: String) throws -> ClusterUser {
    let current = ClusterUser.current
    if let data = Files.facts(path + "/data"), data.owner != 0, data.owner != current.id {
      let name = ClusterUser(id: data.owner)?.name ?? "\(data.owner)"
      guard current.id == 0, let owner = ClusterUser(id: data.owner) else {
        throw PrivateClusterError(
          .wrongUser, "the cluster in \(path) belongs to \(name): run this as \(name) or as root")
      }
      return owner
    }
    if current.id != 0 { return current }
    guard let found = ClusterUser(named: user), found.id != 0 else {
      throw PrivateClusterError(
        .wrongUser,
        """
        PostgreSQL does not run as root, and there is no user \(user) to run it as. Install PostgreSQL's \
        server, which makes one (on Debian: apt-get install postgresql-15), or run this as another user.
        """)
    }
    return found
  }

  private func claim() throws {
    if !Files.exists(marker) {
      let names = try Files.names(in: path)
      // Another process may have claimed it between the two looks; it makes the marker first.
      guard names.isEmpty || Files.exists(marker) else { throw foreign(path) }
      let text = "This directory belongs to a private PostgreSQL cluster; see data/. Do not remove.\n"
      let file = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else { throw SystemCallError("make", marker) }
      defer { close(file) }
      try ClusterDirectory.writeAll(text, to: file, marker)
      if let facts = Files.facts(path), facts.owner != 0 {
        guard fchown(file, facts.owner, facts.group) == 0 else { throw SystemCallError("give away", marker) }
      }
    }
    guard !Files.exists(data) || Files.exists(data + "/" + Self.markerName) else { throw foreign(data) }
    guard !Files.exists(path + "/PG_VERSION") else { throw foreign(path) }
  }

  private static func writeAll(_ text: String, to file: Int32, _ path: String) throws(SystemCallError) {
    let bytes = Array(text.utf8)
    guard write(file, bytes, bytes.count) == bytes.count else { throw SystemCallError("write", path) }
  }

  private func foreign(_ place: String) -> PrivateClusterError {
    PrivateClusterError(
      .foreignDirectory,
      """
      \(place) holds files that were not made by this program, and is left alone. Choose a data \
      directory that is empty or does not exist yet; to use a PostgreSQL that runs there, give its URL.
      """)
  }

  /// Every directory on the way must let the cluster's user through.
  private func checkReachable() throws(PrivateClusterError) {
    var ways: [String] = []
    var way = ""
    for component in path.split(separator: "/") {
      way += "/" + component
      ways.append(way)
    }
    let closed: String?
    do { closed = try owner.firstClosed(of: ways) } catch { throw PrivateClusterError(error) }
    guard let closed else { return }
    throw PrivateClusterError(
      .notReachable,
      """
      PostgreSQL runs as the user \(owner.name), who may not enter \(closed). Choose a data directory \
      elsewhere (for example below /var/lib), or let that user pass: chmod o+x \(closed)
      """)
  }

  /// The major version in `data`, nil if there is no cluster yet.
  func clusterMajor() -> Int? {
    Files.text(data + "/PG_VERSION").flatMap { text in Int(text.prefix { $0.isNumber }) }
  }

  /// Makes the socket's directory, or proves that the one that is there is the owner's alone.
  func prepareSocketDirectory() throws(SystemCallError) {
    let directory = socketDirectory
    if mkdir(directory, 0o700) == 0 {
      try owner.takes(directory)
      return
    }
    guard errno == EEXIST else { throw SystemCallError("make directory", directory) }
    guard let facts = Files.facts(directory), facts.isDirectory, facts.owner == owner.id else {
      // Under /tmp anybody can make it first: then it is not a place to trust a socket in.
      throw SystemCallError("use", directory, code: EPERM)
    }
    guard chmod(directory, 0o700) == 0 else { throw SystemCallError("chmod", directory) }
  }
}
