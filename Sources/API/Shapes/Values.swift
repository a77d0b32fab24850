import Domain
import JSON

extension TextShape {
  /// A UUID with hyphens, upper or lower case.
  static func id<Entity>() -> TextShape where Value == ID<Entity> { TextShape("a UUID") { ID($0) } }
}

extension TextShape where Value == Timestamp {
  /// RFC 3339 with an offset.
  static var instant: TextShape { TextShape("an RFC 3339 time with an offset") { Timestamp($0) } }
}

extension TextShape where Value == Int64 {
  /// A lease's term. JSON numbers are exact up to 2⁵³.
  static var term: TextShape {
    TextShape("a whole number from 1 to \(Term.range.upperBound)") { text in
      TextShape<Int>.int(Term.range).parse(text).map(Int64.init)
    }
  }
}

extension JSONShape {
  static func id<Entity>() -> JSONShape where Value == ID<Entity> { .text(TextShape.id()) }
}

extension JSONShape where Value == Int64 {
  static var term: JSONShape {
    JSONShape<Int>.int(Term.range).map("a whole number") { Int64($0) }
  }
}

enum Term {
  static let range = 1...9_007_199_254_740_991
}

extension ID: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.string(description) }
}

extension Timestamp: JSONWritable {
  public func write(to writer: inout JSONWriter) { writer.string(description) }
}
