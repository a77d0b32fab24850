import Domain
import Engine
import HTTP
import JSON
import Records
import Store

extension Suppression: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("client_id", clientID)
      object.field("kind", kind.rawValue)
      object.field("value", value)
      object.field("reason", reason.rawValue)
      object.field("source", source)
      object.field("lead_id", leadID)
      object.field("created_at", createdAt)
      object.field("lifted_at", liftedAt)
    }
  }
}

/// An address in a request: its kind is told, or guessed from it.
struct AddressWish {
  let kind: ContactAddress.Kind?
  let value: String

  init(_ object: JSONObjectReader) throws {
    let value = object.required("value", .string(1...1_000))
    let kind = object.optional("kind", .oneOf as JSONShape<ContactAddress.Kind>)
    self.kind = try kind()
    self.value = try value()
  }

  var address: ContactAddress? {
    if let kind { ContactAddress(kind, value) } else { ContactAddress(guessing: value) }
  }

  static let expectation = "expected an email address, a domain, a telephone number or a LinkedIn URL"

  /// As `address`, or an issue.
  func address(_ object: JSONObjectReader) -> ContactAddress? {
    guard let address else {
      object.refuse("value", kind.map { "expected \($0.expectation)" } ?? Self.expectation)
      return nil
    }
    return address
  }
}

/// The body of `POST /v1/suppressions`.
struct SuppressionWish {
  let suppression: NewSuppression
  let because: String

  init(_ object: JSONObjectReader) throws {
    object.knows("value", "kind")
    let client = object.nullable("client_id", .id() as JSONShape<ID<Client>>)
    let reason = object.optional("reason", .text(.givenReason), default: .manual)
    let source = object.optional("source", .text(.line(Suppression.sourceLength)), default: "api")
    let because = object.optional("because", .text(.line(1...200)), default: "")
    let wish = try? AddressWish(object)
    let address = wish?.address(object) ?? ContactAddress(.email, unchecked: "")
    suppression = NewSuppression(
      address, for: try client(), because: try reason(), source: try source())
    self.because = try because()
  }
}

/// The body of `POST /v1/suppressions/import`: rows that are wrong are rejected one by one.
struct SuppressionListWish {
  let rows: [SuppressionList.Row]

  init(_ object: JSONObjectReader, _ defaults: SuppressionList.Defaults) throws {
    typealias Texts = (value: String, kind: String?, reason: String?)
    let entries = object.required(
      "entries",
      .array(
        of: JSONShape<Texts>.object { entry in
          let value = entry.required("value", .string(0...1_000))
          let kind = entry.nullable("kind", .string(0...100))
          let reason = entry.nullable("reason", .string(0...100))
          return (try value(), try kind(), try reason())
        }, 1...SuppressionService.mostRows))
    rows = try entries().enumerated().map { index, texts in
      SuppressionList.Row(
        place: index + 1,
        Result { () throws(FieldError) in
          try SuppressionList.suppression(
            value: texts.value, kind: texts.kind, reason: texts.reason, defaults)
        })
    }
  }

  /// - Throws: `Problem` validation (422) for more rows than one call may have, or none.
  init(csv body: [UInt8], _ defaults: SuppressionList.Defaults) throws(Problem) {
    var list = SuppressionList(defaults)
    var rows: [SuppressionList.Row] = []
    do {
      var reader = try CSVRecordsReader(
        withoutHeading: ByteSource(body), limit: SuppressionList.longestRecord)
      while rows.count <= SuppressionService.mostRows, let record = try reader.next() {
        if let row = list.row(record) { rows.append(row) }
      }
    } catch {
      throw .validation("no list can be read: \(error)", pointer: "")
    }
    guard (1...SuppressionService.mostRows).contains(rows.count) else {
      throw .validation("expected 1 to \(SuppressionService.mostRows) rows", pointer: "")
    }
    self.rows = rows
  }
}

extension SuppressionReport: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.object("counts") { counts in
        counts.field("added", added)
        counts.field("known", known)
        counts.field("rejected", rejected)
      }
      object.array("verdicts") { list in
        for row in rows {
          list.object { object in
            object.field("row", row.place)
            switch row.verdict {
            case .added: object.field("verdict", "added")
            case .known: object.field("verdict", "known")
            case .rejected: object.field("verdict", "rejected")
            }
            if case .rejected(let error) = row.verdict {
              object.field("detail", error.description)
            } else {
              object.field("detail", String?.none)
            }
          }
        }
      }
    }
  }
}

extension SuppressionService.Checked: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("kind", address.kind.rawValue)
      object.field("value", address.value)
      object.field("is_suppressed", !suppressions.isEmpty)
      object.field("suppressions", suppressions)
    }
  }
}

extension SuppressionService.LeadAnswer: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("lead_id", lead.id)
      object.field("client_id", clientID)
      object.field("is_suppressed", isSuppressed)
      object.field("erased_at", lead.erasedAt)
      object.field("bounced_at", lead.bouncedAt)
      object.field("complained_at", lead.complainedAt)
      object.field("unsubscribed_at", lead.unsubscribedAt)
      object.array("suppressions") { list in
        for hit in hits {
          list.object { object in
            object.field("through", hit.origin.rawValue)
            object.name("suppression")
            object.value(hit.suppression)
          }
        }
      }
    }
  }
}

extension TextShape where Value == Suppression.Reason {
  /// Those that a caller may give.
  static var givenReason: TextShape {
    TextShape("one of " + Suppression.Reason.given.map(\.rawValue).joined(separator: ", ")) {
      Suppression.Reason(rawValue: $0).flatMap { $0 == .erased ? nil : $0 }
    }
  }
}

/// Suppressions as a list that can be imported again.
public enum SuppressionCSV {
  public static let header = "value,kind,reason,client_id,source,created_at,lifted_at,id\n"

  /// Nil for somebody who was forgotten: there is no address to list.
  public static func row(_ suppression: Suppression) -> String? {
    guard let value = suppression.value else { return nil }
    let fields = [
      value, suppression.kind.rawValue, suppression.reason.rawValue,
      suppression.clientID?.description ?? "", suppression.source, suppression.createdAt.description,
      suppression.liftedAt?.description ?? "", suppression.id.description,
    ]
    return fields.map(field).joined(separator: ",") + "\n"
  }

  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
      return text
    }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
