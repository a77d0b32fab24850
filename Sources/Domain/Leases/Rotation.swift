/// R18: least recently used first.
public enum Rotation {
  /// Whether `a` comes before `b`: never used first, then the longest unused, then by provider id.
  ///
  /// In SQL: `ORDER BY assigned_at NULLS FIRST, vapi_phone_number_id COLLATE "C"`.
  public static func order(_ a: PooledNumber, _ b: PooledNumber) -> Bool {
    switch (a.assignedAt, b.assignedAt) {
    case (nil, _?): true
    case (_?, nil): false
    case (let first?, let second?) where first != second: first < second
    default: a.providerNumberID < b.providerNumberID
    }
  }
}
