import FCNTensor

/// Values of a tensor in one of the format's typed fields: varints or fixed-width numbers, in any number of pieces.
struct TypedPayload {
  private let bytes: UnsafeRawBufferPointer
  private let spans: [PayloadSpan]
  private let type: ElementType
  private let isFixed: Bool

  init(_ bytes: UnsafeRawBufferPointer, _ spans: [PayloadSpan], _ type: ElementType, isFixed: Bool) {
    self.bytes = bytes
    self.spans = spans
    self.type = type
    self.isFixed = isFixed
  }

  /// - Throws: `ONNXError.invalid` unless there are exactly `count` values; as far as the number of bytes tells, that
  ///   is checked before memory is taken.
  func storage(count: Int) throws(ONNXError) -> Storage {
    let available = spans.reduce(0) { $0 + $1.range.count }
    guard count <= available / (isFixed ? type.size : 1) else { throw mismatch(count, "fewer") }
    let result: Storage
    do throws(TensorError) { result = try Storage(count: count * type.size) } catch { throw ONNXError(error) }
    var index = 0
    for span in spans {
      var reader = WireReader(bytes, at: span.range.lowerBound)
      while reader.position < span.range.upperBound {
        guard index < count else { throw mismatch(count, "more") }
        if !span.isPacked { _ = try reader.tag(end: span.range.upperBound) }
        if isFixed {
          try copyFixed(&reader, end: span.range.upperBound, to: result.mutableBytes, index)
        } else {
          store(try reader.varint(end: span.range.upperBound), to: result.mutableBytes, index)
        }
        index += 1
      }
    }
    guard index == count else { throw mismatch(count, "\(index)") }
    return result
  }

  private func mismatch(_ count: Int, _ got: String) -> ONNXError {
    ONNXError(.invalid, "data: expected \(count) values, got \(got)")
  }

  private func copyFixed(
    _ reader: inout WireReader, end: Int, to target: UnsafeMutableRawBufferPointer, _ index: Int
  ) throws(ONNXError) {
    let start = reader.position
    try reader.advance(type.size, end: end)
    UnsafeMutableRawBufferPointer(rebasing: target[index * type.size..<(index + 1) * type.size])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + type.size]))
  }

  /// The low bits of a varint as one element.
  private func store(_ value: UInt64, to target: UnsafeMutableRawBufferPointer, _ index: Int) {
    switch type.size {
    case 1:
      let byte = type == .bool ? (value == 0 ? 0 : 1) : UInt8(truncatingIfNeeded: value)
      target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    case 2: target.storeBytes(of: UInt16(truncatingIfNeeded: value), toByteOffset: index * 2, as: UInt16.self)
    case 4: target.storeBytes(of: UInt32(truncatingIfNeeded: value), toByteOffset: index * 4, as: UInt32.self)
    default: target.storeBytes(of: value, toByteOffset: index * 8, as: UInt64.self)
    }
  }
}
