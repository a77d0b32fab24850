import Synchronization

/// Which names are zones: looked up once each, since millions of leads live in a few hundred zones.
enum KnownZones {
  private static let answers = Mutex<[String: Bool]>([:])

  static func contains(_ name: String) -> Bool {
    if let known = answers.withLock({ $0[name] }) { return known }
    let isZone = TimeZoneName(name) != nil
    answers.withLock { answers in
      // Names that somebody makes up must not fill the memory.
      if answers.count < 2_000 { answers[name] = isZone }
    }
    return isZone
  }
}
