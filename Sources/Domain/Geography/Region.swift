/// A state, province, territory or country of the North American Numbering Plan.
public struct Region: Hashable, Sendable, CustomStringConvertible {
  /// The postal code of a state or province, else the ISO 3166 code of a country (three letters where two
  /// would be a state's).
  public let code: String
  public let name: String

  /// The region of that code or English name, in any case: "CA", "california".
  public init?(_ text: String) {
    guard let region = Self.byText[text.lowercased()] else { return nil }
    self = region
  }

  private init(code: String, name: String) {
    self.code = code
    self.name = name
  }

  public var areaCodes: Set<AreaCode> { Geography.northAmerica.areaCodes[self] ?? [] }

  public var description: String { code }

  public static func == (a: Region, b: Region) -> Bool { a.code == b.code }

  public func hash(into hasher: inout Hasher) { hasher.combine(code) }

  public static let all: [Region] = table.split(separator: "\n").map { line in
    let fields = line.split(separator: " ", maxSplits: 1)
    return Region(code: String(fields[0]), name: String(fields[1]))
  }

  /// Other names in use, in lower case.
  private static let aliases = [
    "washington state": "WA", "washington d.c.": "DC", "washington, d.c.": "DC", "washington dc": "DC",
    "québec": "QC", "newfoundland": "NL", "the bahamas": "BS",
  ]

  /// The region of a country of the plan outside the United States and Canada, by its ISO 3166 code.
  init?(country: String) {
    switch country {
    case "US", "CA": return nil
    case "KY": self.init("CYM")
    case "MS": self.init("MSR")
    default: self.init(country)
    }
  }

  private static let byText: [String: Region] = {
    var regions: [String: Region] = [:]
    for region in all {
      regions[region.name.lowercased()] = region
      regions[region.code.lowercased()] = region
    }
    for (alias, code) in aliases { regions[alias] = regions[code.lowercased()] }
    return regions
  }()

  private static let table = """
    AL Alabama
    AK Alaska
    AZ Arizona
    AR Arkansas
    CA California
    CO Colorado
    CT Connecticut
    DE Delaware
    DC District of Columbia
    FL Florida
    GA Georgia
    HI Hawaii
    ID Idaho
    IL Illinois
    IN Indiana
    IA Iowa
    KS Kansas
    KY Kentucky
    LA Louisiana
    ME Maine
    MD Maryland
    MA Massachusetts
    MI Michigan
    MN Minnesota
    MS Mississippi
    MO Missouri
    MT Montana
    NE Nebraska
    NV Nevada
    NH New Hampshire
    NJ New Jersey
    NM New Mexico
    NY New York
    NC North Carolina
    ND North Dakota
    OH Ohio
    OK Oklahoma
    OR Oregon
    PA Pennsylvania
    RI Rhode Island
    SC South Carolina
    SD South Dakota
    TN Tennessee
    TX Texas
    UT Utah
    VT Vermont
    VA Virginia
    WA Washington
    WV West Virginia
    WI Wisconsin
    WY Wyoming
    PR Puerto Rico
    VI U.S. Virgin Islands
    GU Guam
    AS American Samoa
    MP Northern Mariana Islands
    AB Alberta
    BC British Columbia
    MB Manitoba
    NB New Brunswick
    NL Newfoundland and Labrador
    NS Nova Scotia
    NT Northwest Territories
    NU Nunavut
    ON Ontario
    PE Prince Edward Island
    QC Quebec
    SK Saskatchewan
    YT Yukon
    AI Anguilla
    AG Antigua & Barbuda
    BS Bahamas
    BB Barbados
    BM Bermuda
    VG British Virgin Islands
    CYM Cayman Islands
    DM Dominica
    DO Dominican Republic
    GD Grenada
    JM Jamaica
    MSR Montserrat
    SX Sint Maarten
    KN St. Kitts & Nevis
    LC St. Lucia
    VC St. Vincent & Grenadines
    TT Trinidad & Tobago
    TC Turks & Caicos Islands
    """
}
