import Terminal

/// What a person is told when the server answers.
struct Announcement {
  let address: ListenAddress
  let sample: SampleData.Guide?

  func text(for output: any TextOutput) -> String {
    var text = output.styled("Reservoir listens on \(address.url)", .bold) + "\n"
    guard let sample else { return text }
    text += """

      API key (operator):
        \(sample.key)

      Lease a number (the second time gives the same lease):
        curl -sS -X POST \(address.url)/v1/leases -H 'Authorization: Bearer \(sample.key)' \
      -H 'Content-Type: application/json' \
      -d '{"company":"\(SampleData.company)","lead_id":"\(sample.lead)"}'

      What is left:
        curl -sS \(address.url)/v1/pools -H 'Authorization: Bearer \(sample.key)'

      The whole interface: \(address.url)/openapi.json. Ctrl-C stops the server; the data stays.

      """
    return text
  }
}
