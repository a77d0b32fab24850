import Glibc
import Postgres

/// Debian's PgBouncer in transaction mode before the test cluster, for one test.
public final class PgBouncer: Sendable {
  public static let executable = "/usr/sbin/pgbouncer"
  private let scratch = Scratch()
  private let process: ServerProcess

  /// Starts it with `poolSize` server connections for each database, and waits until it is ready.
  public init(cluster: String, poolSize: Int = 4) async throws {
    let options = try Admin.options(cluster)
    let server = ["host", "port", "user", "password"].compactMap { name in
      options[name].map { "\(name)=\($0)" }
    }
    let settings = """
      [databases]
      * = \(server.joined(separator: " "))
      [pgbouncer]
      listen_port = 6432
      unix_socket_dir = \(scratch.path)
      auth_type = any
      pool_mode = transaction
      default_pool_size = \(poolSize)
      max_client_conn = 500
      """
    let file = scratch.path + "/pgbouncer.ini"
    let handle = fopen(file, "w")
    fputs(settings, handle)
    fclose(handle)
    chmod(scratch.path, 0o777)
    let user = geteuid() == 0 ? ["-u", "postgres"] : []
    process = try ServerProcess(user + [file], executable: Self.executable)
    _ = try await process.line(containing: "process up")
  }

  /// A way through it to the database of `conninfo`.
  public func conninfo(to conninfo: String) throws -> String {
    let name = try Admin.options(conninfo)["dbname"] ?? "postgres"
    return "host=\(scratch.path) port=6432 user=postgres dbname=\(name) sslmode=disable"
  }

  public func stop() async { await process.stop() }
}
