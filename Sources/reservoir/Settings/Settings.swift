import HTTP
import Providers
import Runtime

/// Every setting, once: its flag, its variable, its name in the file, its default and its help.
enum Settings {
  enum LogForm: String, CaseIterable, Sendable {
    /// For people on a terminal, else JSON.
    case auto
    case text, json
  }

  // MARK: The database, for every command

  static let configFile = Setting(
    "config", .text, "A file of 'name = value' lines. Default: reservoir.conf here, if there is one.")
  static let databaseURL = Setting(
    "database-url", .connection, "The PostgreSQL to use. Without it a private one runs under --data-dir.")
  static let dataDirectory = Setting(
    "data-dir", .text, default: ".reservoir", "Where the private PostgreSQL lives.")
  static let pooler = Setting(
    "pooler", .boolean, default: false,
    "The database is behind a transaction pooler (PgBouncer, Supabase): no prepared statements.")
  static let poolSize = Setting(
    "pool-size", .integer(1...200), default: 8,
    "The most connections to the database, besides one for each lane of leases.")
  static let statementTimeout = Setting(
    "statement-timeout", .duration, default: .seconds(30), "The database cancels a statement after this.")
  static let acquireTimeout = Setting(
    "acquire-timeout", .duration, default: .seconds(10), "How long a request waits for a connection.")
  static let connectTimeout = Setting(
    "connect-timeout", .duration, default: .seconds(5), "How long each database host may take to answer.")

  // MARK: The server

  static let listen = Setting(
    "listen", .address, default: .standard, "The address to listen on; port 0 is any free one.")
  static let apiKey = Setting(
    "api-key", .secret, "Accepted as an operator's key. Better set by the environment than as a flag.")
  static let httpThreads = Setting(
    "http-threads", .integer(1...64), default: 1, "Polling threads of the HTTP server.")
  static let connectionLimit = Setting(
    "connection-limit", .integer(1...100_000), default: 4_096, "The most open HTTP connections.")
  static let connectionsPerAddress = Setting(
    "connections-per-address", .integer(0...100_000), default: 0,
    "The most HTTP connections of one client address; 0 is no limit.")
  static let bodyLimit = Setting(
    "body-limit", .size, default: ServerConfiguration.defaultBodyLimit,
    "The largest body of a request; imports may have 16 MB.")
  static let receiveTimeout = Setting(
    "receive-timeout", .duration, default: .seconds(15), "How long a client may take to send a request.")
  static let idleTimeout = Setting(
    "idle-timeout", .duration, default: .seconds(60), "How long a connection may be without a request.")
  static let requestTimeout = Setting(
    "request-timeout", .duration, default: .seconds(30), "How long the server may work on a request.")
  static let leaseLanes = Setting(
    "lease-lanes", .integer(1...16), default: 2, "Rounds of leases that are under way at once.")
  static let leaseQueue = Setting(
    "lease-queue", .integer(1...1_000_000), default: 4_096,
    "Lease requests that may wait; beyond it they get 503.")
  static let shutdownDeadline = Setting(
    "shutdown-deadline", .duration, default: .seconds(30), "How long stopping may take altogether.")

  // MARK: Jobs and log

  static let sweepInterval = Setting(
    "sweep-interval", .duration, default: .seconds(3_600), "How often expired leases are ended.")
  static let alertInterval = Setting(
    "alert-interval", .duration, default: .seconds(60),
    "How often pools are held against their low-water mark.")
  static let logLevel = Setting(
    "log-level", .logLevel, default: .info, "debug, info, warning or error.")
  static let logFormat = Setting(
    "log-format", .word, default: LogForm.auto, "text, json, or auto: text on a terminal, else json.")
  static let accessLog = Setting(
    "access-log", .boolean, default: true, "A line for each request; --access-log=false for none.")

  // MARK: Supply

  static let bufferInterval = Setting(
    "buffer-interval", .duration, default: .seconds(300),
    "How often the buffer of resources is looked at, and what is missing ordered.")
  static let infraforgeKey = Setting(
    "infraforge-key", .secret,
    "Buys email domains from Infraforge with this key. Better set by the environment than as a flag.")
  static let infraforgeURL = Setting(
    "infraforge-url", .url, default: InfraforgeSettings.standardURL, "Where Infraforge answers.")
  static let infraforgeWorkspace = Setting(
    "infraforge-workspace", .text, "The id of the Infraforge workspace that gets the domains.")
  static let infraforgeContact = Setting(
    "infraforge-contact", .text, "A JSON file with the registrant of the domains; see docs/supply.md.")

  // MARK: Leads

  static let apolloKey = Setting(
    "apollo-api-key", .secret,
    "Looks for leads at Apollo with this key. Better set by the environment than as a flag.")
  static let apolloURL = Setting(
    "apollo-url", .url, default: Apollo.standardURL, "Where Apollo answers.")
  static let apolloMonthlyCredits = Setting(
    "apollo-monthly-credits", .integer(0...1_000_000_000), default: 1_000,
    "The most of Apollo's credits to spend in a calendar month (UTC); 0 is no limit.")

  // MARK: Payments

  static let stripeWebhookSecret = Setting(
    "stripe-webhook-secret", .secret,
    "The signing secret of Stripe's webhook; several with commas while one is replaced.")
  static let stripeLive = Setting(
    "stripe-live", .boolean, default: false, "Takes Stripe's live events; else those of its test mode.")
  static let stripeTolerance = Setting(
    "stripe-tolerance", .duration, default: .seconds(300), "How old or new a webhook's signature may be.")

  // MARK: Leads

  static let distributeLeads = Setting(
    "distribute-leads", .boolean, default: true,
    "Gives each client with a profile its day's leads by itself; =false: only on command.")

  /// What every command accepts.
  static let common: [any SettingDeclaration] = [configFile, databaseURL, dataDirectory, pooler]

  /// What `serve` accepts besides.
  static let server: [any SettingDeclaration] = [
    listen, apiKey, poolSize, statementTimeout, acquireTimeout, connectTimeout, httpThreads, connectionLimit,
    connectionsPerAddress, bodyLimit, receiveTimeout, idleTimeout, requestTimeout, leaseLanes, leaseQueue,
    shutdownDeadline, sweepInterval, alertInterval, logLevel, logFormat,
    accessLog,
    bufferInterval, infraforgeKey, infraforgeURL, infraforgeWorkspace, infraforgeContact,
    stripeWebhookSecret, stripeLive, stripeTolerance,
    distributeLeads,
  ]

  /// What `leads scout` accepts besides.
  static let scout: [any SettingDeclaration] = [apolloKey, apolloURL, apolloMonthlyCredits]

  static let all = common + server + scout
}
