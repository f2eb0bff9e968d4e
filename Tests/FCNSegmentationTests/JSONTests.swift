import FCNTensor
import Testing

@Suite struct JSONTests {
  let document: JSONValue = [
    "z": 1, "a": [true, false, nil, [:], []], "text": "a\"b\\c\n\t\u{1}é😀\u{2028}", "n": -0.1, "big": 1e300,
    "nested": ["k": ["v": 9_007_199_254_740_993]],
  ]

  @Test(arguments: [false, true]) func roundTrip(pretty: Bool) throws {
    #expect(try JSONValue(parsing: document.serialized(pretty: pretty), name: "t") == document)
  }

  @Test func compactKeepsOrder() {
    let value: JSONValue = ["z": 1, "a": ["x", 2.5, nil], "e": .number(.nan), "i": .number(-.infinity)]
    #expect(value.serialized() == #"{"z":1,"a":["x",2.5,null],"e":null,"i":null}"#)
  }

  @Test func prettyGolden() {
    let value: JSONValue = ["a": [1, 2], "b": [:], "c": []]
    #expect(value.serialized(pretty: true) == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}")
  }

  @Test(arguments: [
    ("0", JSONValue.integer(0)), ("-0", .number(-0.0)), ("-12", .integer(-12)), ("1.5e3", .number(1500)),
    ("1E+2", .number(100)), ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(0x1p63)),
    (#""\u0041\ud83d\ude00\/""#, .string("A😀/")), (" \r\n\t[ ] ", .array([])), ("\u{FEFF}null", .null),
  ])
  func reads(text: String, expected: JSONValue) throws {
    #expect(try JSONValue(parsing: text, name: "t") == expected)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "01", "-", "+1", ".5", "1.", "1e", "1e999", "NaN",
    "tru", "nul", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
    "\"\\udc00\"", "\"a\nb\"", "1 2", "[1 2]", "{\"a\":1 \"b\":2}", "]", "'a'", "// x",
  ])
  func refuses(text: String) {
    #expect(throws: TensorError.self) { try JSONValue(parsing: text, name: "t") }
  }

  @Test func refusesBytesThatAreNoUTF8() {
    #expect(throws: TensorError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22], name: "t") }
    #expect(throws: TensorError.self) { try JSONValue(parsing: [0xFF], name: "t") }
    #expect(throws: TensorError.self) { try JSONValue(parsing: [0x31, 0x31], name: "t", limit: 1) }
  }

  @Test func saysWhere() {
    let error = #expect(throws: TensorError.self) { try JSONValue(parsing: "{\n  \"a\": x\n}", name: "side.json") }
    #expect(error?.detail == "side.json: JSON, line 2, column 8: expected a value, got 'x'")
  }

  @Test func boundsDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(64), name: "t")
    #expect(throws: TensorError.self) { try JSONValue(parsing: nested(65), name: "t") }
    #expect(throws: TensorError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000), name: "t") }
    let objects = String(repeating: "{\"a\":", count: 65) + "1" + String(repeating: "}", count: 65)
    #expect(throws: TensorError.self) { try JSONValue(parsing: objects, name: "t") }
  }

  @Test func neverTrapsOnDamagedText() {
    let bytes = Array(document.serialized(pretty: true).utf8)
    var random = SeededGenerator(7)
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random))
      _ = try? JSONValue(parsing: damaged, name: "t")
    }
  }
}
