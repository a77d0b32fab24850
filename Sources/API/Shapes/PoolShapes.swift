import Domain
import JSON

extension Domain.Pool: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("client_id", clientID)
      object.field("company", company.text)
      object.field("available", totals.available)
      object.field("leased", totals.leased)
      object.field("overdue", overdue)
      object.field("out_of_service", totals.outOfService)
      object.field("total", totals.total)
      object.field("utilisation", utilisation)
      object.field("next_free_at", totals.nextFreeAt)
      object.field("leases_last_24_hours", leasesLast24Hours)
      object.field("low_water_mark", lowWaterMark)
      object.field("level", level.rawValue)
    }
  }
}

extension PoolGeography: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.array("area_codes") { list in
        for place in areaCodes {
          list.object { object in
            object.field("area_code", place.name)
            object.field("region", place.region)
            object.field("total", place.total)
            object.field("available", place.available)
          }
        }
      }
      object.array("territories") { list in
        for place in territories {
          list.object { object in
            object.field("territory", place.name)
            object.field("total", place.total)
            object.field("available", place.available)
          }
        }
      }
    }
  }
}

extension PoolAlert: JSONWritable {
  public func write(to writer: inout JSONWriter) {
    writer.object { object in
      object.field("id", id)
      object.field("kind", kind.rawValue)
      object.field("client_id", clientID)
      object.field("company", company.text)
      object.field("available", available)
      object.field("total", total)
      object.field("raised_at", raisedAt)
      object.field("cleared_at", clearedAt)
    }
  }
}
