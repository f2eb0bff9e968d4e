/// A cursor over protobuf's wire format. Every read is checked against the end of the enclosing message.
struct WireReader {
  let bytes: UnsafeRawBufferPointer
  var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  func damaged(_ what: String) -> ONNXError {
    ONNXError(.invalid, "not an ONNX model, or a damaged one: byte \(position): \(what)")
  }

  /// At most 10 bytes, at most 64 bits.
  mutating func varint(end: Int) throws(ONNXError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70 {
      guard position < end else { throw damaged("a number is cut off") }
      let byte = bytes[position]
      position += 1
      if shift == 63 && byte > 1 { throw damaged("a number has more than 64 bits") }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw damaged("a number has more than 10 bytes")
  }

  mutating func tag(end: Int) throws(ONNXError) -> (field: UInt64, wire: UInt8) {
    let value = try varint(end: end)
    guard value >> 3 > 0, value < 1 << 32 else { throw damaged("field number \(value >> 3)") }
    return (value >> 3, UInt8(value & 7))
  }

  /// The byte range of a length-delimited field; the cursor moves to its start.
  mutating func block(end: Int) throws(ONNXError) -> Range<Int> {
    let length = try varint(end: end)
    guard length <= UInt64(end - position) else {
      throw damaged("length expected at most \(end - position), got \(length)")
    }
    return position..<position + Int(length)
  }

  mutating func advance(_ count: Int, end: Int) throws(ONNXError) {
    guard count <= end - position else { throw damaged("a number is cut off") }
    position += count
  }

  /// Moves behind one value of the given wire type.
  mutating func skip(_ wire: UInt8, end: Int) throws(ONNXError) {
    switch wire {
    case 0: _ = try varint(end: end)
    case 1: try advance(8, end: end)
    case 2: position = try block(end: end).upperBound
    case 5: try advance(4, end: end)
    case 3, 4: throw damaged("groups are not accepted")
    default: throw damaged("wire type \(wire)")
    }
  }
}
