import Domain
import Foundation
import Testing

@Suite struct `Ids` {
  @Test func `are UUIDs of version 7 with the time in front`() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      let id = ID<Lead>(at: noon, using: &generator)
      let text = Array(id.description)
      #expect(text.count == 36)
      #expect(text[14] == "7")
      #expect("89ab".contains(text[19]))
      #expect(id.high >> 16 == UInt64(noon.microseconds / 1_000))
      #expect(UUID(uuidString: id.description)?.uuidString.lowercased() == id.description)
    }
  }

  @Test func `sort by the time they were made`() {
    var generator = SeededGenerator(seed: 4)
    let ids = (0..<100).map { ID<Lead>(at: noon + .milliseconds($0), using: &generator) }
    #expect(ids == ids.sorted())
    #expect(ids.map(\.description) == ids.map(\.description).sorted())
    #expect(Set(ids).count == 100)
  }

  @Test func `of a time before the epoch are still ids`() {
    var generator = SeededGenerator(seed: 5)
    #expect(ID<Lead>(at: at("1960-01-01T00:00:00Z"), using: &generator).high >> 16 == 0)
  }

  @Test func `come back from their text, in either case`() {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<500 {
      let id = ID<Client>(high: generator.next(), low: generator.next())
      #expect(ID<Client>(id.description) == id)
      #expect(ID<Client>(id.description.uppercased()) == id)
    }
  }

  @Test(arguments: [
    "", "0", "45b2f2bb-5d0f-4c96-b43f-673584207d9", "45b2f2bb-5d0f-4c96-b43f-673584207d9dd",
    "45b2f2bb5d0f4c96b43f673584207d9d", "45b2f2bb-5d0f-4c96-b43f-673584207d9g",
    "45b2f2bb-5d0f-4c96-b43f_673584207d9d", "{5b2f2bb-5d0f-4c96-b43f-673584207d9d}",
    "é5b2f2bb-5d0f-4c96-b43f-673584207d9",
  ])
  func `that are not UUIDs are refused`(text: String) {
    #expect(ID<Lead>(text) == nil)
  }
}
