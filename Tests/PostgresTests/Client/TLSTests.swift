import CPostgres
import Foundation
import Testing

@testable import Postgres

@Suite(
  .enabled(if: ServerDirectory.binaries != nil && TLSServer.openssl != nil, "needs initdb and openssl"),
  .timeLimit(.minutes(2)))
struct TLSTests {
  @Test func `verify-full speaks with the server of the certificate, and with no other`() async throws {
    try await TLSServer.lend { server in
      let database = Database(DatabaseConfiguration(conninfo: server.conninfo(root: "server")))
      try await database.expect("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", true)
      await database.shutdown()
      for refused in [
        server.conninfo(root: "stranger"), server.conninfo(root: "missing"),
        server.conninfo(root: "server", host: "other.example"),
      ] {
        let other = Database(DatabaseConfiguration(conninfo: refused))
        let error = await postgresError { try await other.run("SELECT 1") }
        #expect(error?.kind == .connectionFailed)
        let texts = [error?.description, error?.debugText].compactMap { $0 }
        #expect(texts.count == 2 && texts.allSatisfy { !$0.contains("hunter2") }, "\(texts)")
        await other.shutdown()
      }
    }
  }
}

/// A server that takes connections over TLS only, on a port of this machine, for the name `localhost`.
struct TLSServer {
  static let openssl = ["/usr/bin/openssl", "/bin/openssl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private let directory: ServerDirectory
  private let port: UInt16
  private var data: String { directory.path + "/data" }

  func conninfo(root: String, host: String = "localhost") -> String {
    "host=\(host) hostaddr=127.0.0.1 port=\(port) user=postgres password=hunter2 dbname=postgres "
      + "sslmode=verify-full sslrootcert=\(directory.path)/\(root).crt"
  }

  /// Lends a running server.
  static func lend(_ body: (TLSServer) async throws -> Void) async throws {
    let server = TLSServer(directory: try ServerDirectory(), port: try freePort())
    defer { server.directory.remove() }
    for name in ["server", "stranger"] { try await server.makeCertificate(name) }
    try await server.directory.run(
      "initdb", ["-D", server.data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"])
    try await server.start()
    do { try await body(server) } catch {
      try await server.stop()
      throw error
    }
    try await server.stop()
  }

  /// A key and a certificate that it signs itself.
  private func makeCertificate(_ name: String) async throws {
    let file = directory.path + "/" + name
    let program = Self.openssl ?? ""
    let process = try directory.start(
      program,
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", file + ".key",
        "-out", file + ".crt",
      ])
    let status = try await ServerDirectory.end(of: process)
    guard status == 0 else { throw ServerDirectory.Failure(program: program, status: status) }
  }

  private func start() async throws {
    let rules = directory.path + "/hba.conf"
    try directory.write("hostssl all all 127.0.0.1/32 trust\n", to: "hba.conf")
    chmod(rules, 0o644)
    let file = directory.path + "/server"
    let options = [
      "fsync=off", "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(directory.path)",
      "hba_file=\(rules)", "ssl=on", "ssl_cert_file=\(file).crt", "ssl_key_file=\(file).key",
    ].map { "-c \($0)" }.joined(separator: " ")
    try await directory.run(
      "pg_ctl", ["-D", data, "-l", directory.path + "/log", "-o", options, "-W", "start"])
    // Not by pg_ctl, which would ask over the socket that the rules do not let it use.
    try await eventually("it takes connections") {
      try await offPool { PQping(conninfo(root: "server")) == PQPING_OK }
    }
  }

  private func stop() async throws {
    try await directory.run("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"])
  }

  /// A port that nobody listened on a moment ago.
  private static func freePort() throws -> UInt16 {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isBound else { throw ServerDirectory.Failure(program: "bind", status: errno) }
    return UInt16(bigEndian: address.sin_port)
  }
}
