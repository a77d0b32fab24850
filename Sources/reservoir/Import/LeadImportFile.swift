import Crypto
import Domain
import Engine
import Foundation
import Records
import Terminal

/// A file of leads on this machine: what it is called, how it is written, and whether it is the same again.
struct LeadImportFile: Sendable {
  private static let head = 1 << 20

  let path: String
  let format: RecordFormat
  /// Bytes; nil for standard input.
  let size: Int?
  /// Nil for standard input, which cannot be read twice.
  let fingerprint: String?

  var isStandardInput: Bool { path == "-" }
  var name: String { isStandardInput ? "-" : String(path.split(separator: "/").last ?? "-") }

  /// - Throws: `CommandFailure` when there is no such file; `UsageError` for standard input of no form.
  init(_ path: String, format: RecordFormat?, _ context: CommandContext) throws {
    self.path = path
    guard path != "-" else {
      guard let format else { throw context.usage("--format is needed for standard input") }
      (self.format, size, fingerprint) = (format, nil, nil)
      return
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw CommandFailure("there is no file \(visible(path)) that can be read")
    }
    let head = [UInt8]((try? handle.read(upToCount: Self.head)) ?? Data())
    let size = Int(try handle.seekToEnd())
    self.size = size
    self.format = format ?? RecordFormat(name: path, head: head)
    fingerprint = Hexadecimal.encode(sha256(Array("\(self.format.rawValue) \(size)\n".utf8) + head))
  }

  /// Opens it from a byte on.
  var opening: LeadFile.Opening {
    let path = path
    return { offset in
      path == "-" ? ByteSource(descriptor: 0) : try ByteSource(path: path, from: offset)
    }
  }
}

extension CommandContext {
  /// The options that say how a file is read: `--map`, `--region`, `--as-of`.
  func leadFileOptions() throws -> LeadFileOptions {
    let wishes = try invocation.values("map").map { text in
      guard let wish = LeadFileOptions.Wish(text) else {
        throw usage("--map: expected Header=field, or Header= to ignore the column, not '\(visible(text))'")
      }
      return wish
    }
    let region = invocation.text("region").uppercased()
    guard region.utf8.count == 2, region.utf8.allSatisfy({ (65...90).contains($0) }) else {
      throw usage("--region: expected two letters such as US")
    }
    let asOf = try invocation.optional("as-of", expected: "a time such as 2026-01-31T09:00:00Z, or a day") {
      Timestamp($0) ?? Timestamp($0 + "T00:00:00Z")
    }
    return LeadFileOptions(wishes: wishes, region: region, asOf: asOf)
  }

  func recordFormat() throws -> RecordFormat? {
    try invocation.optional("format", expected: "csv, json or jsonl") { RecordFormat(rawValue: $0) }
  }

  /// What cannot be read, as a failure that says why.
  static func readable<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as RecordsError {
      throw CommandFailure("\(visible(path)) cannot be read: \(error)")
    } catch let fault as LeadColumnMapping.Fault {
      throw CommandFailure("\(visible(path)): \(visible(fault.description))")
    }
  }
}

extension Option {
  static let leadFile: [Option] = [
    .value("format", "csv|json|jsonl", "The form of the file; by default what its name or content tells."),
    .values("map", "HEADER=FIELD", "Reads a column as this field; HEADER= ignores it."),
    .value("region", "CC", "The country of telephone numbers without a plus.", default: "US"),
    .value("as-of", "TIME", "When the source knew what it says. Default: now."),
    .value("source", "NAME", "What the leads are said to come from. Default: csv, or apollo for JSON."),
  ]
}
