// swift-tools-version: 6.2
import PackageDescription

// A package of its own: it drives the built `reservoir` from outside, as a user would, and links none of it.
let package = Package(
  name: "benchmarks",
  targets: [
    .executableTarget(
      name: "benchmarks",
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
      ])
  ]
)
