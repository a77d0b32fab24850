import Domain
import JSON

extension TextShape where Value == String {
  /// One line as people type it: so many characters (Unicode scalars), no control character, no white
  /// space at the ends.
  static func line(_ length: ClosedRange<Int>) -> TextShape {
    TextShape(
      "\(length.lowerBound) to \(length.upperBound) characters on one line, without spaces at the ends"
    ) {
      length.contains($0.unicodeScalars.count) && $0.isPlainLine(length) ? $0 : nil
    }
  }

  /// Digits, as many as an area code can have.
  static var areaCode: TextShape {
    TextShape("1 to 8 digits") { text in
      (1...8).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? text : nil
    }
  }
}

extension TextShape where Value == CompanyName {
  static var company: TextShape {
    let line = TextShape<String>.line(1...200)
    return TextShape(line.expected) { line.parse($0).flatMap { CompanyName($0) } }
  }
}

extension TextShape where Value == TimeZoneName {
  static var timeZone: TextShape {
    TextShape("a name of the IANA time zone database, such as America/New_York") { TimeZoneName($0) }
  }
}

extension TextShape where Value == EmailAddress {
  static var emailAddress: TextShape { TextShape("an email address") { EmailAddress($0) } }
}

extension TextShape where Value == EmailAddress? {
  /// For a search: a text that looks like an address but cannot be one is a wish that nothing fulfils.
  static var searchedAddress: TextShape {
    TextShape("an email address") { text in
      let isRoughly =
        (3...320).contains(text.unicodeScalars.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        && text.split(separator: "@", omittingEmptySubsequences: false).count == 2
        && !text.hasPrefix("@") && !text.hasSuffix("@")
      return isRoughly ? .some(EmailAddress(text)) : nil
    }
  }
}

extension JSONShape where Value == String {
  /// Free text without NUL, which strict JSON refuses anyway.
  static var notes: JSONShape { .string(0...NumberImportRow.longestNotes) }
}

extension JSONShape where Value == [String] {
  /// Texts of one line each; repetitions, whatever their case, are dropped.
  static var territories: JSONShape {
    .array(of: .text(.line(1...100)), 0...NumberImportRow.mostTerritories).map("territories") { all in
      var seen: Set<String> = []
      return all.filter { seen.insert($0.lowercased()).inserted }
    }
  }
}
