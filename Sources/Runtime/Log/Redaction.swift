/// The second line of defence for text that others made: what looks like an e-mail address, a phone number,
/// or a secret in a connection string is replaced.
public enum Redaction {
  public static func scrub(_ text: String) -> String {
    var text = maskSecrets(text)
    text.replace(/[^\s@"'<>:,;()\/]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+/, with: "[address]")
    text.replace(/\+[0-9][0-9().\- ]{5,16}[0-9]/, with: "[number]")
    text.replace(/\(?\b[0-9]{3}\)?[.\- ]?[0-9]{3}[.\- ]?[0-9]{4}\b/, with: "[number]")
    return text
  }

  /// Masks the password of `scheme://user:password@host`, and the values that are secret by their name in a
  /// query (`?password=x`) or in libpq's words (`password='x y'`).
  public static func maskSecrets(_ text: String) -> String {
    var text = text
    text.replace(/(:\/\/[^\/?#\s:@]*:)[^\/?#\s]*@/) { "\($0.output.1)***@" }
    let secret =
      /\b([a-z_]*(?:password|passwd|secret|token|apikey|api_key))\s*=\s*(?:'(?:[^'\\]|\\.)*'|[^&\s#]*)/
    text.replace(secret.ignoresCase()) { "\($0.output.1)=***" }
    return text
  }
}
