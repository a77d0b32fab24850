import Glibc

/// PostgreSQL's settings for a private cluster: durable, reachable by one socket, sized to the machine.
struct ClusterSettings {
  private(set) var values: [(name: String, value: String)]

  /// - Parameters:
  ///   - memory: the machine's (or the control group's) memory in bytes.
  ///   - overrides: settings of the operator, which win.
  init(
    directory: ClusterDirectory, memory: Int, compression: String, overrides: [String: String]
  ) {
    let megabytes = memory >> 20
    let shared = min(max(megabytes / 4, 32), 2_048)
    values = [
      // Reached by its socket alone, in a directory that only its user and root can enter.
      ("listen_addresses", ""), ("port", "5432"),
      ("unix_socket_directories", "\"\(directory.socketDirectory)\""),
      ("unix_socket_permissions", "0700"), ("cluster_name", directory.clusterName),
      ("max_connections", "100"),
      // Durable: what was acknowledged survives kill -9 and a power cut.
      ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"),
      // Before recovery everything is flushed: by one call instead of one for each of a thousand files, which
      // takes seconds during which nobody is served. Linux reports its errors since 5.8.
      ("recovery_init_sync_method", "syncfs"),
      ("wal_compression", compression), ("min_wal_size", "256MB"), ("max_wal_size", "2GB"),
      ("shared_buffers", "\(shared)MB"), ("effective_cache_size", "\(max(megabytes / 2, 64))MB"),
      ("random_page_cost", "1.1"), ("jit", "off"),
      // Rows that change owner all day leave dead versions: clean up soon, and not too gently.
      ("autovacuum_naptime", "10s"), ("autovacuum_vacuum_scale_factor", "0.05"),
      ("autovacuum_vacuum_cost_limit", "2000"),
      ("timezone", "UTC"), ("log_timezone", "UTC"),
      // Errors go to the client, who knows what may be shown; in the log their text could hold data.
      ("logging_collector", "off"), ("log_destination", "stderr"), ("log_min_messages", "log"),
      ("log_min_error_statement", "panic"), ("log_error_verbosity", "terse"),
      ("log_line_prefix", "%m [%p] "), ("log_checkpoints", "off"),
    ]
    for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
      values.removeAll { $0.name == name }
      values.append((name, value))
    }
  }

  /// The text of a configuration file.
  var file: String {
    let lines = values.map { name, value in
      let escaped = value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
      return "\(name) = '\(escaped)'"
    }
    let head = "# Written anew at each start. Use ALTER SYSTEM for settings of your own.\n"
    return head + lines.joined(separator: "\n") + "\n"
  }

  /// What this process may use: the machine's memory, or less where its control group says so.
  static func availableMemory() -> Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let limit = Files.text("/sys/fs/cgroup/memory.max").flatMap { text in Int(text.prefix { $0.isNumber }) }
    return min(machine, limit ?? machine)
  }
}
