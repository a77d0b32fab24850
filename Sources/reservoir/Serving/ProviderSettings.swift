import Engine
import HTTPClient
import JSON
import Providers
import Runtime
import Terminal

/// The providers that the settings name.
enum ProviderSettings {
  /// - Throws: `CommandFailure` when a provider is named and something that it needs is missing or wrong.
  static func providers(_ configuration: Configuration) throws -> [any ResourceProvider] {
    guard let key = configuration[Settings.infraforgeKey] else { return [] }
    guard let workspace = configuration[Settings.infraforgeWorkspace] else {
      throw CommandFailure("--infraforge-key needs --infraforge-workspace too")
    }
    guard let path = configuration[Settings.infraforgeContact] else {
      throw CommandFailure("--infraforge-key needs --infraforge-contact FILE too: registries want a person")
    }
    guard let bytes = try TextFile.bytes(path) else {
      throw CommandFailure("there is no file \(visible(path))")
    }
    let contact: RegistrantContact
    do { contact = try RegistrantContact(json: bytes) } catch {
      throw CommandFailure("\(visible(path)) is no registrant: \(error)")
    }
    let settings = InfraforgeSettings(
      url: configuration[Settings.infraforgeURL], key: key, workspaceID: workspace, contact: contact)
    return [Infraforge(settings, agent: HTTPAgent())]
  }
}
