import Glibc
import Synchronization

/// Where text for people goes: a descriptor of the process, or a string in tests.
public protocol TextOutput: Sendable {
  func write(_ text: String)
  /// The columns of the terminal; nil when it is not one.
  var width: Int? { get }
  /// Whether escape sequences for colours are understood and wanted.
  var hasColours: Bool { get }
}

extension TextOutput {
  public var isTerminal: Bool { width != nil }

  /// The text in the given style, or as it is where there are no colours.
  public func styled(_ text: String, _ style: Style) -> String {
    hasColours ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}

public enum Style: String, Sendable {
  case bold = "1"
  case dim = "2"
  case red = "31"
  case green = "32"
  case yellow = "33"
  case blue = "34"
  case cyan = "36"
}

/// A file descriptor. A reader that went away (`| head`) is not an error: the rest is dropped.
public struct DescriptorOutput: TextOutput {
  private let descriptor: Int32
  private let terminal: Bool
  public let hasColours: Bool

  /// - Parameter environment: `NO_COLOR` (not empty) and `TERM=dumb` turn colours off.
  public init(_ descriptor: Int32, environment: [String: String]) {
    self.descriptor = descriptor
    terminal = isatty(descriptor) == 1
    hasColours = terminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  public var width: Int? {
    guard terminal else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  public func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, start, rest.count)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
    }
  }
}

/// Keeps what is written, for tests.
public final class StringOutput: TextOutput {
  public let width: Int?
  public let hasColours: Bool
  private let content = Mutex("")

  public init(width: Int? = nil, hasColours: Bool = false) {
    self.width = width
    self.hasColours = hasColours
  }

  public var text: String { content.withLock { $0 } }
  public func write(_ text: String) { content.withLock { $0 += text } }
}

/// Another output without its colours.
struct PlainOutput: TextOutput {
  let base: any TextOutput
  var width: Int? { base.width }
  var hasColours: Bool { false }
  func write(_ text: String) { base.write(text) }
}
