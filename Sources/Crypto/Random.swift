import CCrypto

/// `count` bytes from libcrypto's generator, fit for keys and tokens.
public func randomBytes(_ count: Int) -> [UInt8] {
  precondition(count >= 0 && count <= Int(Int32.max), "a count of bytes, not \(count)")
  guard count > 0 else { return [] }
  return [UInt8](unsafeUninitializedCapacity: count) { output, written in
    // A generator without entropy must stop the process: a guessable key would be worse.
    precondition(RAND_bytes(output.baseAddress, Int32(count)) == 1, "no randomness available")
    written = count
  }
}

/// Whether both are equal, in a time that depends on the lengths only: for signatures and key hashes.
public func equalsInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.count == b.count && (a.isEmpty || CRYPTO_memcmp(a, b, a.count) == 0)
}
