import Domain
import Testing

@Suite struct `Area codes and regions` {
  @Test(
    arguments: [
      (424, ["CA"]), (213, ["CA"]), (212, ["NY"]), (202, ["DC"]), (206, ["WA"]), (445, ["PA"]), (416, ["ON"]),
      (514, ["QC"]), (787, ["PR"]), (876, ["JM"]), (242, ["BS"]), (345, ["CYM"]), (601, ["MS"]),
      (664, ["MSR"]),
      (902, ["NS", "PE"]), (867, ["NT", "NU", "YT"]), (800, []), (999, []), (211, []), (600, []),
    ] as [(Int, [String])])
  func `an area code knows its state, province or country`(code: Int, regions: [String]) {
    #expect(AreaCode(code)?.regions.map(\.code).sorted() == regions)
  }

  @Test func `a region knows its area codes`() throws {
    let california = try #require(Region("CA")).areaCodes.map(\.value)
    #expect(Set([209, 213, 310, 323, 408, 415, 424, 510, 619, 650, 714, 818, 916]).isSubset(of: california))
    #expect(!california.contains(212) && !california.contains(702))
    #expect(Region("Rhode Island")?.areaCodes == [AreaCode(401)!])
  }

  @Test func `every region of the table has an area code, and codes and names are distinct`() {
    for region in Region.all { #expect(!region.areaCodes.isEmpty, "\(region.name)") }
    #expect(Set(Region.all).count == Region.all.count)
    #expect(Set(Region.all.map(\.name)).count == Region.all.count)
    #expect(Region.all.count == 51 + 5 + 13 + 18)
  }

  @Test(arguments: [
    ("ca", "CA"), ("California", "CA"), ("new york", "NY"), ("Washington D.C.", "DC"), ("Québec", "QC"),
  ])
  func `a region is found by code or name in any case`(text: String, code: String) {
    #expect(Region(text)?.code == code)
  }

  @Test(arguments: ["", "XX", "Cali", "United States", "424"])
  func `a region that is none is not found`(text: String) {
    #expect(Region(text) == nil)
  }

  @Test(arguments: [199, 1_000, 0, -424]) func `area codes lie between 200 and 999`(value: Int) {
    #expect(AreaCode(value) == nil)
  }

  @Test(arguments: ["", "42", "4244", "42a", "+24", " 424", "٤٢٤"]) func `area codes have three digits`(
    text: String
  ) {
    #expect(AreaCode(text) == nil)
  }
}

@Suite struct `A wish for a place` {
  /// What is wanted, a number's area code, its territories, and how close it is.
  @Test(
    arguments: [
      ("424", 424, [], .exact), ("+1424", 424, [], .exact), ("424", 310, [], .region), ("424", 212, [], .any),
      ("424", 212, ["424"], .exact), ("424", 212, ["california"], .region), ("424", nil, ["ca"], .region),
      ("424", nil, [], .any), ("CA", 424, [], .region), ("CA", 212, ["CA"], .exact),
      ("California", 212, ["ca"], .exact), ("california", 310, ["Texas"], .region), ("CA", 212, ["TX"], .any),
      ("Los Angeles", 213, [], .exact), ("los angeles, ca", 213, [], .exact),
      ("Los Angeles", 415, [], .region),
      ("Los Angeles", 212, ["LOS ANGELES"], .exact), ("Los Angeles", 212, [], .any),
      ("New York", 212, [], .exact), ("New York", 716, [], .region), ("Ontario", 416, [], .region),
      ("Ontario", 909, [], .any), ("West Coast", 424, [], .any), ("West Coast", 212, ["west coast"], .exact),
      ("800", 800, [], .exact), ("902", 782, [], .region), ("Washington", 202, [], .any),
    ] as [(String, Int?, [String], Near.Rank)])
  func `goes from exact over region to any`(text: String, code: Int?, territories: [String], rank: Near.Rank)
    throws
  {
    let near = try #require(Near(text))
    #expect(near.rank(areaCode: code.flatMap { AreaCode($0) }, territories: territories) == rank)
  }

  @Test(arguments: ["", " ", "\n", "a\u{0}b", "a\tb", String(repeating: "x", count: 101)])
  func `must be one line of text`(text: String) {
    #expect(Near(text) == nil)
  }

  @Test func `is trimmed`() { #expect(Near(" 424\n")?.text == "424") }

  @Test func `has its exact places among those of the region`() throws {
    for text in ["424", "CA", "Los Angeles", "New York", "West Coast", "867", "Portland"] {
      let near = try #require(Near(text))
      #expect(near.exactAreaCodes.isSubset(of: near.regionAreaCodes))
      #expect(near.exactTerritories.isSubset(of: near.regionTerritories))
    }
  }
}
