import Testing

/// What the whole product promises, put to the test from outside. One proof at a time: each has dozens of
/// clients and several servers, and leaves the other tests room.
@Suite(.serialized)
enum Proof {}
