import Domain
import Synchronization

/// The structured log. The message is a literal that names what happened; what differs from time to time is
/// in the fields.
///
/// ```swift
/// log.info("sweep finished", ["released": .count(report.released), "took_s": .seconds(span)])
/// ```
///
/// A copy is cheap. Fields are not even made while their level is off.
public struct Log: Sendable {
  private final class Core: Sendable {
    let level: Atomic<Int>
    let format: LogFormat
    let sink: any LogSink
    let time: any TimeSource

    init(level: LogLevel, format: LogFormat, sink: any LogSink, time: any TimeSource) {
      self.level = Atomic(level.rawValue)
      self.format = format
      self.sink = sink
      self.time = time
    }
  }

  private let core: Core
  private let context: LogFields

  public init(
    level: LogLevel = .info, format: LogFormat = .json, sink: any LogSink, time: any TimeSource = WallClock()
  ) {
    core = Core(level: level, format: format, sink: sink, time: time)
    context = [:]
  }

  private init(core: Core, context: LogFields) {
    self.core = core
    self.context = context
  }

  /// Writes nothing.
  public static let off = Log(level: .error, sink: NoSink())

  /// The lowest level that is written. Changing it changes all copies.
  public var level: LogLevel {
    get { LogLevel(rawValue: core.level.load(ordering: .relaxed)) ?? .info }
    nonmutating set { core.level.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// A log whose every line has these fields too.
  public func with(_ fields: LogFields) -> Log { Log(core: core, context: context + fields) }

  public func debug(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
    write(.debug, message, fields)
  }
  public func info(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
    write(.info, message, fields)
  }
  public func warning(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
    write(.warning, message, fields)
  }
  public func error(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
    write(.error, message, fields)
  }

  public func isOn(_ level: LogLevel) -> Bool { level.rawValue >= core.level.load(ordering: .relaxed) }

  private func write(_ level: LogLevel, _ message: StaticString, _ fields: () -> LogFields) {
    guard isOn(level) else { return }
    core.sink.write(core.format.line(core.time.now, level, message, context + fields()))
  }
}

/// Takes finished lines, each with its line end. Called from any thread; must not block.
public protocol LogSink: Sendable {
  func write(_ line: [UInt8])
}

private struct NoSink: LogSink {
  func write(_ line: [UInt8]) {}
}

/// Keeps the lines, for tests.
public final class MemorySink: LogSink {
  private let content = Mutex<[String]>([])

  public init() {}

  /// The lines without their ends.
  public var lines: [String] { content.withLock { $0 } }

  public func write(_ line: [UInt8]) {
    content.withLock { $0.append(String(decoding: line.dropLast(), as: UTF8.self)) }
  }
}
