/// A statement with its bound values.
///
/// An interpolated value becomes a numbered parameter and travels beside the text, in binary:
///
///     try transaction.query("SELECT name FROM city WHERE id = \(id) AND tags && \(tags)")
///
/// Text is spliced only where the label says so: `\(identifier:)` quotes a name, `\(unescaped:)` takes
/// anything and must never see input from outside.
public struct SQL: ExpressibleByStringInterpolation, Sendable {
  /// The text with `$1`, `$2`, … in place of the values.
  public let text: String
  /// The values, in the order of their numbers.
  public let binds: [PostgresBind]

  public init(stringLiteral value: String) {
    text = value
    binds = []
  }

  public init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
    binds = stringInterpolation.binds
  }

  /// A statement made by other means than interpolation. The number of binds must agree with the text.
  public init(text: String, binds: [PostgresBind] = []) {
    self.text = text
    self.binds = binds
  }

  public struct StringInterpolation: StringInterpolationProtocol {
    var text: String
    var binds: [PostgresBind] = []

    public init(literalCapacity: Int, interpolationCount: Int) {
      text = ""
      text.reserveCapacity(literalCapacity + interpolationCount * 3)
      binds.reserveCapacity(interpolationCount)
    }

    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// Binds a value; `nil` becomes NULL.
    public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T) {
      binds.append(PostgresBind(value))
      text += "$"
      text += String(binds.count)
    }

    /// Binds a value or NULL.
    public mutating func appendInterpolation<T: PostgresEncodable>(_ value: T?) {
      binds.append(PostgresBind(value))
      text += "$"
      text += String(binds.count)
    }

    /// Splices a name, quoted.
    public mutating func appendInterpolation(identifier name: String) {
      text += "\""
      for scalar in name.unicodeScalars {
        if scalar == "\"" { text += "\"" }
        text.unicodeScalars.append(scalar)
      }
      text += "\""
    }

    /// Splices raw text. Only for text that the program itself has written.
    public mutating func appendInterpolation(unescaped raw: String) { text += raw }
  }
}

/// One bound value: its type, and its binary form without a length; no bytes at all for NULL.
public struct PostgresBind: Sendable {
  public let oid: UInt32
  public let bytes: [UInt8]?

  public init(oid: UInt32, bytes: [UInt8]?) {
    self.oid = oid
    self.bytes = bytes
  }

  public init<T: PostgresEncodable>(_ value: T) {
    oid = T.postgresType.oid
    if value.isNull {
      bytes = nil
    } else {
      var body: [UInt8] = []
      value.encode(into: &body)
      bytes = body
    }
  }

  /// PostgreSQL has no text with NUL in it; the server would say so, but without the parameter's number.
  var hasForbiddenNUL: Bool {
    guard let bytes, PostgresType.textual.contains(oid) else { return false }
    return bytes.contains(0)
  }
}
