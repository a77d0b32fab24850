import CCrypto

/// SHA-256 (FIPS 180-4): 32 bytes.
public func sha256(_ message: some Collection<UInt8>) -> [UInt8] {
  let message = Array(message)
  return [UInt8](unsafeUninitializedCapacity: 32) { output, count in
    var length: UInt32 = 0
    let done = EVP_Digest(message, message.count, output.baseAddress, &length, EVP_sha256(), nil)
    precondition(done == 1 && length == 32, "libcrypto has no SHA-256")
    count = 32
  }
}

/// SHA-256 of the text's UTF-8.
public func sha256(_ text: String) -> [UInt8] { sha256(Array(text.utf8)) }

/// HMAC-SHA-256 (RFC 2104): 32 bytes. A key of any length, also an empty one.
public func hmacSHA256(key: [UInt8], _ message: some Collection<UInt8>) -> [UInt8] {
  let message = Array(message)
  // libcrypto takes a null key as "the key of before", so an empty array must still have an address.
  let address = key.isEmpty ? [0] : key
  return [UInt8](unsafeUninitializedCapacity: 32) { output, count in
    var length: UInt32 = 0
    let done = HMAC(
      EVP_sha256(), address, Int32(key.count), message, message.count, output.baseAddress, &length)
    precondition(done != nil && length == 32, "libcrypto has no HMAC-SHA-256")
    count = 32
  }
}
