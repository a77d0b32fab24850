// swift-tools-version: 6.2
import PackageDescription

// The layers, bottom first; a target may depend only on targets above it in this list.
// `Tests/TidyTests` proves that imports agree with it. The reasons stand in docs/architecture.md.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func layer(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "reservoir",
  products: [.executable(name: "reservoir", targets: ["reservoir"])],
  targets: [
    // System libraries.
    .systemLibrary(name: "CPostgres"),
    .systemLibrary(name: "CMicroHTTPD"),
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CJansson"),
    .systemLibrary(name: "CCSV"),
    .systemLibrary(name: "CCurl"),
    .target(name: "CProcess"),
    .target(
      name: "CPhoneNumber",
      linkerSettings: [.linkedLibrary("phonenumber"), .linkedLibrary("geocoding"), .linkedLibrary("icuuc")]),

    // Tools without a product noun.
    layer("JSON", ["CJansson"]),
    layer("Crypto", ["CCrypto"]),
    layer("Terminal"),
    layer("Postgres", ["CPostgres", "CProcess"]),
    layer("HTTPClient", ["CCurl"]),
    layer("Records", ["CCSV"]),

    // The product.
    layer("Domain", ["CPhoneNumber"]),
    layer("Runtime", ["Domain", "JSON", "Terminal"]),
    layer("HTTP", ["CMicroHTTPD", "JSON", "Domain", "Runtime"]),
    layer("Store", ["Domain", "JSON", "Postgres"], resources: [.embedInCode("Migrations")]),
    layer("Engine", ["Domain", "Postgres", "Store", "Runtime", "Crypto", "JSON", "Records"]),
    layer("Providers", ["Domain", "Engine", "HTTPClient", "JSON", "Runtime"]),
    layer(
      "API", ["Domain", "Postgres", "Store", "Engine", "HTTP", "JSON", "Runtime", "Crypto", "Records"]),
    .executableTarget(
      name: "reservoir",
      dependencies: [
        "API", "CCSV", "Crypto", "Domain", "Engine", "HTTP", "HTTPClient", "JSON", "Postgres", "Providers",
        "Records", "Runtime", "Store", "Terminal",
      ],
      swiftSettings: strict),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["CPostgres", "Domain", "Postgres", "Store", "Runtime", "JSON"],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("JSONTests", ["JSON"]),
    tests("CryptoTests", ["Crypto"]),
    tests("TerminalTests", ["Terminal"]),
    tests("RecordsTests", ["Records"]),
    tests("PostgresTests", ["Postgres", "TestSupport"]),
    tests("DomainTests", ["Domain"]),
    tests("RuntimeTests", ["Runtime", "Domain", "Terminal"]),
    tests("HTTPTests", ["HTTP", "JSON", "Runtime", "TestSupport"]),
    tests("StoreTests", ["Store", "Postgres", "Domain", "Crypto", "TestSupport"], exclude: ["Fixtures"]),
    tests(
      "EngineTests",
      ["Engine", "Store", "Postgres", "Domain", "Runtime", "TestSupport", "Crypto", "JSON", "Records"],
      exclude: ["Fixtures"]),
    tests(
      "APITests",
      [
        "API", "Crypto", "Domain", "Engine", "HTTP", "JSON", "Postgres", "Runtime", "Store", "TestSupport",
      ]),
    tests(
      "ReservoirTests",
      ["reservoir", "CPostgres", "Crypto", "Domain", "JSON", "Postgres", "Terminal", "TestSupport"]),
    tests("HTTPClientTests", ["HTTPClient", "HTTP", "JSON", "TestSupport"]),
    tests(
      "ProvidersTests",
      [
        "Providers", "HTTPClient", "HTTP", "JSON", "Engine", "Store", "Postgres", "Domain", "Runtime",
        "TestSupport",
      ], exclude: ["Fixtures"]),
    tests("TidyTests", []),
  ],
  cxxLanguageStandard: .cxx17
)
