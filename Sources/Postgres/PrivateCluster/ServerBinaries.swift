import Glibc

/// The directory of one installed PostgreSQL server, and its major version.
struct ServerBinaries: Hashable {
  let directory: String
  let major: Int

  var postgres: String { directory + "/postgres" }
  var initdb: String { directory + "/initdb" }

  /// Nil if the directory has no server that runs.
  init?(in directory: String) {
    self.directory = directory
    guard access(directory + "/postgres", X_OK) == 0, access(directory + "/initdb", X_OK) == 0,
      let answer = try? ChildProcess.run(directory + "/postgres", ["--version"]),
      answer.status == .code(0), let major = Self.major(of: answer.output)
    else { return nil }
    self.major = major
  }

  /// The server that made a cluster of `clusterMajor`, or for a new cluster the first usable one.
  static func find(
    in searchPath: [String], minimum: Int, clusterMajor: Int?, cluster: String
  ) throws(PrivateClusterError) -> ServerBinaries {
    let found = searchPath.compactMap { ServerBinaries(in: $0) }
    guard let clusterMajor else {
      if let usable = found.first(where: { $0.major >= minimum }) { return usable }
      throw notInstalled(found, minimum: minimum)
    }
    if let same = found.first(where: { $0.major == clusterMajor }) { return same }
    let versions = found.map { "\($0.major)" }.joined(separator: ", ")
    throw PrivateClusterError(
      .otherVersion,
      """
      \(cluster) was made by PostgreSQL \(clusterMajor), which is not installed \
      (found: \(versions.isEmpty ? "none" : versions)). \
      Install it (on Debian: apt-get install postgresql-\(clusterMajor)), or carry the data over with \
      pg_upgrade or pg_dump.
      """)
  }

  private static func notInstalled(_ found: [ServerBinaries], minimum: Int) -> PrivateClusterError {
    let lead = found.first.map { "PostgreSQL \($0.major) is too old, \(minimum) or later is needed" }
    return PrivateClusterError(
      .notInstalled,
      """
      \(lead ?? "PostgreSQL's server is not installed"). Install it (on Debian: \
      apt-get install postgresql-\(minimum)), or give the URL of a running one.
      """)
  }

  /// `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)` is 15.
  private static func major(of version: String) -> Int? {
    let words = version.split(separator: " ")
    guard words.count >= 3 else { return nil }
    return Int(words[2].prefix { $0.isNumber })
  }
}
