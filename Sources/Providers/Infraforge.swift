import Domain
import Engine
import HTTPClient
import JSON
import Runtime

/// Infraforge sells email domains. It has no idempotency key and no webhooks: its list of domains is what a
/// lost answer is settled by.
///
/// Read tolerantly: of its answers only the fields that matter must be as expected.
public struct Infraforge: ResourceProvider {
  public let name = ProviderName.infraforge
  public let kinds: Set<ResourceKind> = [.emailDomain]
  private let settings: InfraforgeSettings
  private let calls: ProviderCalls

  public init(_ settings: InfraforgeSettings, agent: HTTPAgent) {
    self.settings = settings
    calls = ProviderCalls(
      agent: agent, base: settings.url, headers: [("Authorization", settings.key.revealed)],
      secret: settings.key,
      personal: settings.contact.fields.map(\.value), timeout: settings.timeout)
  }

  public func quote(_ value: ResourceValue) async throws(ProviderFailure) -> ProviderQuote {
    let answer: JSONValue
    do {
      answer = try await calls.get("/check-domain-availability?domain=\(value.text)")
    } catch {
      // A name that it cannot sell, such as one with an ending that it does not know.
      if error.status == 400 || error.status == 422 { return .notForSale }
      throw error.failure
    }
    guard let isAvailable = answer["available"]?.bool else {
      throw ProviderFailure(.unavailable, "the answer does not say whether the domain is available")
    }
    // Dollars, perhaps with cents.
    guard isAvailable, let price = answer["price"]?.double, (0...1_000_000).contains(price)
    else { return .notForSale }
    // Rounded up, but for what is only the error of binary fractions: 1.10 is 110 cents.
    return .forSale(cents: Int((price * 100 - 1e-6).rounded(.up)))
  }

  public func buy(_ values: [ResourceValue]) async throws(ProviderFailure) {
    let settings = settings
    let body = JSON.write { writer in
      writer.object { object in
        object.field("domains", values.map(\.text))
        object.field("workspaceId", settings.workspaceID)
        object.object("contactDetails") { contact in
          for field in settings.contact.fields { contact.field(named: field.name, field.value) }
        }
      }
    }
    do { try await calls.send("POST", "/domains", body) } catch { throw error.failure }
  }

  public func list() async throws(ProviderFailure) -> [ProviderHolding] {
    let answer: JSONValue
    do { answer = try await calls.get("/domains") } catch { throw error.failure }
    guard let rows = answer.array ?? answer["domains"]?.array ?? answer["data"]?.array else {
      throw ProviderFailure(.unavailable, "the answer is no list of domains")
    }
    return rows.compactMap { row in
      guard let sld = row["sld"]?.string, let tld = row["tld"]?.string else { return nil }
      let id = row["id"]?.string ?? row["id"]?.int.map { "\($0)" }
      return ProviderHolding(
        value: "\(sld).\(tld)".lowercased(), providerID: id, state: Self.state(row["status"]?.string))
    }
  }

  /// New domains have renewal switched off.
  public func keep(_ providerID: String) async throws(ProviderFailure) {
    guard providerID.utf8.allSatisfy(Self.isPlain) else {
      throw ProviderFailure(.refused, "the provider's id of the domain is not a plain word")
    }
    do { try await calls.send("PUT", "/domains/\(providerID)/enable-autorenew", nil) } catch {
      throw error.failure
    }
  }

  private static func state(_ status: String?) -> ProviderHolding.State {
    switch status?.lowercased() {
    case "active": .active
    case "failed", "expired", "scheduled_for_deletion", "not_paid":
      .failed("the provider says \(status?.lowercased() ?? "")")
    default: .pending
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
      || byte == 95
  }
}
