/// The leasable numbers of one client during a round, from which each can be taken once.
///
/// Numbers stand in rotation order. An index by area code and territory is made when the first request wants
/// a place; each of its lists is walked once, because what was taken stays taken.
struct CandidatePool {
  private let numbers: [PooledNumber]
  private let positions: [ProviderNumberID: Int]
  private var isTaken: [Bool]
  private var everywhere: Queue
  private var places: Places?

  init(_ candidates: [PooledNumber], now: Timestamp) {
    var seen: Set<ProviderNumberID> = []
    numbers = candidates.filter { $0.isLeasable(at: now) && seen.insert($0.providerNumberID).inserted }
      .sorted(by: Rotation.order)
    positions = Dictionary(
      uniqueKeysWithValues: numbers.enumerated().map { ($1.providerNumberID, $0) })
    isTaken = Array(repeating: false, count: numbers.count)
    everywhere = Queue(positions: Array(numbers.indices))
  }

  mutating func take(previous: ProviderNumberID?, near: Near?) -> PooledNumber? {
    guard let position = choose(previous, near) else { return nil }
    isTaken[position] = true
    return numbers[position]
  }

  private mutating func choose(_ previous: ProviderNumberID?, _ near: Near?) -> Int? {
    if let previous, let position = positions[previous], !isTaken[position] { return position }
    if let near {
      var places = self.places ?? Places(numbers)
      self.places = nil
      defer { self.places = places }
      if let position = places.first(near.exactAreaCodes, near.exactTerritories, isTaken) { return position }
      if let position = places.first(near.regionAreaCodes, near.regionTerritories, isTaken) {
        return position
      }
    }
    return everywhere.first(isTaken)
  }

  /// Positions in rotation order; those at its front that are taken are dropped for good.
  private struct Queue {
    var positions: [Int]
    var front = 0

    mutating func first(_ isTaken: [Bool]) -> Int? {
      while front < positions.count, isTaken[positions[front]] { front += 1 }
      return front < positions.count ? positions[front] : nil
    }
  }

  private struct Places {
    var byAreaCode: [AreaCode: Queue] = [:]
    var byTerritory: [String: Queue] = [:]

    init(_ numbers: [PooledNumber]) {
      for (position, number) in numbers.enumerated() {
        if let code = number.number.areaCode {
          byAreaCode[code, default: Queue(positions: [])].positions.append(position)
        }
        for territory in Set(number.territories.map { $0.lowercased() }) {
          byTerritory[territory, default: Queue(positions: [])].positions.append(position)
        }
      }
    }

    mutating func first(
      _ codes: Set<AreaCode>, _ territories: Set<String>, _ isTaken: [Bool]
    ) -> Int? {
      var best: Int?
      for code in codes {
        if let found = byAreaCode[code]?.first(isTaken) { best = min(best ?? found, found) }
      }
      for territory in territories {
        if let found = byTerritory[territory]?.first(isTaken) { best = min(best ?? found, found) }
      }
      return best
    }
  }
}
