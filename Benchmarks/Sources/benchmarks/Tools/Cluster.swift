import Foundation

/// The private cluster of `reservoir serve --data-dir`, which both sides are measured on.
struct Cluster {
  let scratch: Scratch
  /// The directory of its socket.
  let socket: String
  /// The server's own psql and pgbench.
  let psql: String
  let pgbench: String

  /// Finds the cluster in a data directory by the files that PostgreSQL keeps there.
  init(dataDirectory: String, scratch: Scratch) throws {
    self.scratch = scratch
    let lines = try Self.text("\(dataDirectory)/data/postmaster.pid").split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 4 else { throw Failure("postmaster.pid names no socket") }
    socket = String(lines[4])
    let options = try Self.text("\(dataDirectory)/data/postmaster.opts")
    let server = options.split(separator: " ").first.map(String.init) ?? ""
    let binaries = (server as NSString).deletingLastPathComponent
    psql = try Self.program("psql", near: binaries)
    pgbench = try Self.program("pgbench", near: binaries)
  }

  private static func text(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure("\(path) cannot be read: run this as root or as the user that owns the cluster")
    }
    return String(decoding: data, as: UTF8.self)
  }

  private static func program(_ name: String, near directory: String) throws -> String {
    try Machine.program(name, in: [directory])
  }

  func database(_ name: String) -> Database { Database(cluster: self, name: name) }

  func makeDatabase(_ name: String) throws -> Database {
    try database("postgres").run("CREATE DATABASE \(name)")
    return database(name)
  }

  /// What both sides owe their users.
  /// - Throws: if an acknowledged commit might be lost.
  func requireDurability() throws {
    let database = database("postgres")
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
      let value = try database.run("SHOW \(setting)")
      guard value == "on" else { throw Failure("\(setting) is \(value): nothing measured here would count") }
    }
  }
}
