import Crypto
import Testing

@Suite struct DigestTests {
  @Test(
    "SHA-256 gives the values of FIPS 180-4",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func digest(_ text: String, _ expected: String) {
    #expect(Hexadecimal.encode(sha256(text)) == expected)
  }

  @Test(
    "HMAC-SHA-256 gives the values of RFC 4231",
    arguments: [
      (
        [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131),
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
      ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
  func hmac(_ key: [UInt8], _ message: [UInt8], _ expected: String) {
    #expect(Hexadecimal.encode(hmacSHA256(key: key, message)) == expected)
  }

  @Test func `random bytes have the wanted length and differ`() {
    #expect(randomBytes(0).isEmpty)
    let drawn = Set((0..<100).map { _ in randomBytes(16) })
    #expect(drawn.count == 100)
    #expect(drawn.allSatisfy { $0.count == 16 })
  }

  @Test func `comparison in constant time agrees with ==`() {
    #expect(equalsInConstantTime([], []))
    #expect(equalsInConstantTime([1, 2], [1, 2]))
    #expect(!equalsInConstantTime([1, 2], [1, 3]))
    #expect(!equalsInConstantTime([1, 2], [1, 2, 3]))
  }
}

@Suite struct TextFormTests {
  @Test(
    "Base 64 gives the values of RFC 4648",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func base64(_ plain: String, _ text: String) {
    #expect(Base64.encode(plain.utf8) == text)
    #expect(Base64.decode(text) == Array(plain.utf8))
    let bare = String(text.prefix { $0 != "=" })
    #expect(Base64.encodeURL(plain.utf8) == bare)
    #expect(Base64.decodeURL(bare) == Array(plain.utf8))
  }

  @Test func `the URL alphabet has no character that a URL must escape`() {
    #expect(Base64.encodeURL([0xfb, 0xff, 0xfe]) == "-__-")
    #expect(Base64.encode([0xfb, 0xff, 0xfe]) == "+//+")
  }

  @Test(
    "a text that no encoder makes is not decoded",
    arguments: ["Zg=", "Zh", "Z", "Zm9 v", "+/+/", "Zm9v\u{e9}"])
  func strict(_ text: String) {
    #expect(Base64.decodeURL(text) == nil)
  }

  @Test func `bytes survive both forms`() {
    for length in 0..<70 {
      let bytes = randomBytes(length)
      #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Hexadecimal.decode(Hexadecimal.encode(bytes)) == bytes)
    }
  }

  @Test func `hexadecimal reads both cases and refuses the rest`() {
    #expect(Hexadecimal.encode([0, 15, 0xab]) == "000fab")
    #expect(Hexadecimal.decode("000FaB") == [0, 15, 0xab])
    #expect(Hexadecimal.decode("abc") == nil)
    #expect(Hexadecimal.decode("0g") == nil)
  }
}
