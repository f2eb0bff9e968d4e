/// A JSON document (RFC 8259) whose objects keep the order of their keys.
package enum JSONValue: Sendable, Hashable {
  case object([JSONMember])
  case array([JSONValue])
  case string(String)
  /// Written as the shortest decimal that reads back the same; NaN and ±Inf are written as `null`.
  case number(Double)
  case integer(Int)
  case bool(Bool)
  case null
}

/// One `"key": value` of an object.
package struct JSONMember: Sendable, Hashable {
  package var key: String
  package var value: JSONValue

  package init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}

extension JSONValue {
  /// The value of the last member named `key`, or nil (also when this is no object).
  package subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members.last { $0.key == key }?.value } else { nil }
  }

  package var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }
  package var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  package var text: String? { if case .string(let text) = self { text } else { nil } }
  package var boolean: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// A number or integer as `Double`.
  package var double: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    case .object, .array, .string, .bool, .null: nil
    }
  }

  /// An integer, or a number that is one exactly.
  package var int: Int? {
    switch self {
    case .number(let value): Int(exactly: value)
    case .integer(let value): value
    case .object, .array, .string, .bool, .null: nil
    }
  }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember($0.0, $0.1) })
  }

  /// The number, or `null` for nil.
  package init(_ value: Double?) { self = value.map(JSONValue.number) ?? .null }
  /// The integer, or `null` for nil.
  package init(_ value: Int?) { self = value.map(JSONValue.integer) ?? .null }
}

extension JSONValue {
  /// The document as UTF-8 text: on one line, or indented by two spaces per level. No newline at the end.
  package func serialized(pretty: Bool = false) -> String {
    var text = ""
    write(to: &text, indent: pretty ? 0 : nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .object(let members):
      JSONValue.writeList(members, "{", "}", to: &text, indent: indent) { member, text, indent in
        JSONValue.writeString(member.key, to: &text)
        text += indent == nil ? ":" : ": "
        member.value.write(to: &text, indent: indent)
      }
    case .array(let elements):
      JSONValue.writeList(elements, "[", "]", to: &text, indent: indent) { $0.write(to: &$1, indent: $2) }
    case .string(let value): JSONValue.writeString(value, to: &text)
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .integer(let value): text += "\(value)"
    case .bool(let value): text += value ? "true" : "false"
    case .null: text += "null"
    }
  }

  private static func writeList<T>(
    _ items: [T], _ open: String, _ close: String, to text: inout String, indent: Int?,
    _ writeItem: (T, inout String, Int?) -> Void
  ) {
    text += open
    for (index, item) in items.enumerated() {
      if index > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
      writeItem(item, &text, indent.map { $0 + 1 })
    }
    if let indent, !items.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private static func writeString(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue {
  /// Deepest nesting of arrays and objects that is read.
  package static let largestDepth = 64
  /// Most bytes that are read unless the caller says otherwise, 64 MiB.
  package static let largestCount = 1 << 26

  /// Reads one document.
  ///
  /// Integers that fit `Int` become `.integer`, other numbers `.number`. A UTF-8 byte order mark is skipped.
  /// - Throws: `TensorError.format` naming `name`, line and column for anything that RFC 8259 does not allow, nesting
  ///   deeper than 64, a number beyond Double, invalid UTF-8 or a lone surrogate; `.size` above `limit` bytes.
  package init(parsing bytes: [UInt8], name: String, limit: Int = largestCount) throws(TensorError) {
    guard bytes.count <= limit else {
      throw TensorError(.size, "\(name): expected at most \(limit) bytes of JSON, got \(bytes.count)")
    }
    var parser = JSONParser(bytes: bytes, name: name)
    self = try parser.document()
  }

  package init(parsing text: String, name: String) throws(TensorError) {
    try self.init(parsing: Array(text.utf8), name: name)
  }
}

/// Recursive descent over bytes; the recursion is bounded by `JSONValue.largestDepth`.
private struct JSONParser {
  let bytes: [UInt8]
  let name: String
  var position = 0

  init(bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ detail: String, at position: Int? = nil) -> TensorError {
    let before = bytes[..<min(position ?? self.position, bytes.count)]
    let line = before.reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
    return TensorError(.format, "\(name): JSON, line \(line), column \(column): \(detail)")
  }

  func unexpected(_ expected: String) -> TensorError {
    guard let next else { return failure("expected \(expected), got the end") }
    let got = (0x21...0x7E).contains(next) ? "'\(Character(UnicodeScalar(next)))'" : "byte \(next)"
    return failure("expected \(expected), got \(got)")
  }

  mutating func document() throws(TensorError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    let value = try value(depth: 0)
    skipSpace()
    guard next == nil else { throw unexpected("the end of the document") }
    return value
  }

  mutating func skipSpace() {
    while let next, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { position += 1 }
  }

  mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(TensorError) -> JSONValue {
    skipSpace()
    guard let next else { throw unexpected("a value") }
    switch Unicode.Scalar(next) {
    case "{": return try object(depth: depth + 1)
    case "[": return try array(depth: depth + 1)
    case "\"": return .string(try string())
    case "t": return try literal("true", .bool(true))
    case "f": return try literal("false", .bool(false))
    case "n": return try literal("null", .null)
    case "-", "0"..."9": return try number()
    default: throw unexpected("a value")
    }
  }

  mutating func literal(_ word: StaticString, _ value: JSONValue) throws(TensorError) -> JSONValue {
    let matches = bytes[position...].prefix(word.utf8CodeUnitCount).elementsEqual(word.description.utf8)
    guard matches else { throw failure("expected \(word)") }
    position += word.utf8CodeUnitCount
    return value
  }

  func checkDepth(_ depth: Int) throws(TensorError) {
    guard depth <= JSONValue.largestDepth else {
      throw failure("nesting: expected at most \(JSONValue.largestDepth) levels")
    }
  }

  mutating func object(depth: Int) throws(TensorError) -> JSONValue {
    try checkDepth(depth)
    position += 1
    var members: [JSONMember] = []
    skipSpace()
    if accept("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
      let key = try string()
      skipSpace()
      guard accept(":") else { throw unexpected("':'") }
      members.append(JSONMember(key, try value(depth: depth)))
      skipSpace()
      if accept("}") { return .object(members) }
      guard accept(",") else { throw unexpected("',' or '}'") }
    }
  }

  mutating func array(depth: Int) throws(TensorError) -> JSONValue {
    try checkDepth(depth)
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if accept("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if accept("]") { return .array(elements) }
      guard accept(",") else { throw unexpected("',' or ']'") }
    }
  }

  mutating func digits() throws(TensorError) {
    let start = position
    while let next, (0x30...0x39).contains(next) { position += 1 }
    guard position > start else { throw unexpected("a digit") }
  }

  mutating func number() throws(TensorError) -> JSONValue {
    let start = position
    var isInteger = true
    _ = accept("-")
    if !accept("0") { try digits() }
    if accept(".") {
      isInteger = false
      try digits()
    }
    if accept("e") || accept("E") {
      isInteger = false
      if !accept("+") { _ = accept("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, text != "-0", let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw failure("number: expected one that a Double holds, got \(text.prefix(40))", at: start)
    }
    return .number(value)
  }

  mutating func string() throws(TensorError) -> String {
    let start = position
    position += 1
    var units: [UInt8] = []
    while true {
      guard let byte = next else { throw unexpected("'\"'") }
      guard byte >= 0x20 else { throw unexpected("no control character in a string") }
      position += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") { try escape(into: &units) } else { units.append(byte) }
    }
    guard let text = String(validating: units, as: UTF8.self) else { throw failure("string: invalid UTF-8", at: start) }
    return text
  }

  mutating func escape(into units: inout [UInt8]) throws(TensorError) {
    guard let byte = next else { throw unexpected("an escape") }
    switch Unicode.Scalar(byte) {
    case "\"", "\\", "/": units.append(byte)
    case "b": units.append(0x08)
    case "f": units.append(0x0C)
    case "n": units.append(0x0A)
    case "r": units.append(0x0D)
    case "t": units.append(0x09)
    case "u":
      units += Array(String(Character(try escapedScalar())).utf8)
      return
    default: throw unexpected("one of \"\\/bfnrtu after '\\'")
    }
    position += 1
  }

  /// At the `u` of `\uXXXX`, or of a surrogate pair `\uXXXX\uXXXX`; ends behind it.
  mutating func escapedScalar() throws(TensorError) -> Unicode.Scalar {
    let start = position - 1
    position += 1
    let high = try hexadecimal()
    var code = high
    if (0xD800...0xDBFF).contains(high), accept("\\"), accept("u") {
      let low = try hexadecimal()
      guard (0xDC00...0xDFFF).contains(low) else { throw failure("lone surrogate", at: start) }
      code = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("lone surrogate", at: start) }
    return scalar
  }

  mutating func hexadecimal() throws(TensorError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("a hexadecimal digit")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
