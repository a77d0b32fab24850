import Glibc

/// Bytes that come piece by piece: a file, a pipe, or what is in memory already.
///
/// Not to be used from two threads at once; `offset` counts what was read.
public final class ByteSource {
  private enum Origin {
    case memory(ArraySlice<UInt8>)
    case descriptor(Int32, isOwned: Bool)
  }

  private var origin: Origin
  /// How many bytes there are altogether; nil for a pipe.
  public let size: Int?

  /// - Parameter offset: the first byte to read.
  public init(_ bytes: [UInt8], from offset: Int = 0) {
    origin = .memory(bytes.dropFirst(offset))
    size = bytes.count
  }

  /// A file, from one of its bytes on.
  ///
  /// - Throws: `RecordsError` when it cannot be opened, or is shorter.
  public init(path: String, from offset: Int = 0) throws(RecordsError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw RecordsError(errno == ENOENT ? .missing : .unreadable, String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(file, &status) == 0 else {
      close(file)
      throw RecordsError(.unreadable, "its size is not known")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(file)
      throw RecordsError(.unreadable, "it is a directory")
    }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    if offset > 0 {
      guard lseek(file, off_t(offset), SEEK_SET) == off_t(offset) else {
        close(file)
        throw RecordsError(.unreadable, "it cannot be read from its middle on")
      }
    }
    origin = .descriptor(file, isOwned: true)
    size = isRegular ? Int(status.st_size) : nil
  }

  /// What is open already, such as standard input; not closed here.
  public init(descriptor: Int32) {
    origin = .descriptor(descriptor, isOwned: false)
    size = nil
  }

  deinit { if case .descriptor(let file, true) = origin { close(file) } }

  /// Appends at most `most` bytes to `bytes`; false at the end.
  func read(_ most: Int, into bytes: inout [UInt8]) throws(RecordsError) -> Bool {
    switch origin {
    case .memory(let rest):
      bytes.append(contentsOf: rest.prefix(most))
      origin = .memory(rest.dropFirst(most))
      return !rest.isEmpty
    case .descriptor(let file, _):
      var result = 0
      let piece = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
        repeat { result = Glibc.read(file, buffer.baseAddress, most) } while result < 0 && errno == EINTR
        count = max(0, result)
      }
      guard result >= 0 else { throw RecordsError(.unreadable, "reading it failed") }
      bytes.append(contentsOf: piece)
      return !piece.isEmpty
    }
  }
}

/// Why nothing can be read from what should hold records. Never quotes its content.
public struct RecordsError: Error, Equatable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    case missing, unreadable
    /// Not of the form that was asked for.
    case malformed
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
