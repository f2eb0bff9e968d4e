/// The wire bytes that protobuf-c is given: a model without payloads, documentation and unknown fields.
struct Skeleton {
  private(set) var bytes: [UInt8] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  private func reserve(_ count: Int) throws(ONNXError) {
    guard count <= limit - bytes.count else {
      throw ONNXError(.limit, "the model's structure without weights: expected at most \(limit) bytes")
    }
  }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  private mutating func tag(_ field: UInt64, _ wire: UInt64) { varint(field << 3 | wire) }

  mutating func number(_ field: UInt64, _ value: UInt64) throws(ONNXError) {
    try reserve(20)
    tag(field, 0)
    varint(value)
  }

  /// Four bytes as they are.
  mutating func fixed32(_ field: UInt64, _ source: UnsafeRawBufferPointer) throws(ONNXError) {
    try reserve(14)
    tag(field, 5)
    bytes.append(contentsOf: source)
  }

  mutating func block(_ field: UInt64, _ source: UnsafeRawBufferPointer) throws(ONNXError) {
    try reserve(source.count + 20)
    tag(field, 2)
    varint(UInt64(source.count))
    bytes.append(contentsOf: source)
  }

  /// Starts a block whose length is not known yet; five bytes are kept for it.
  mutating func open(_ field: UInt64) throws(ONNXError) -> Int {
    try reserve(15)
    tag(field, 2)
    bytes.append(contentsOf: [0x80, 0x80, 0x80, 0x80, 0])
    return bytes.count
  }

  /// Ends the block that `open` started at `start`: its length as a varint of five bytes.
  mutating func close(_ start: Int) {
    var length = bytes.count - start
    for index in 0..<5 {
      bytes[start - 5 + index] = UInt8(length & 0x7F) | (index < 4 ? 0x80 : 0)
      length >>= 7
    }
  }

  mutating func span(_ span: PayloadSpan) throws(ONNXError) {
    let start = try open(1000)
    try number(1, UInt64(span.field))
    try number(2, span.isPacked ? 1 : 0)
    try number(3, UInt64(span.range.lowerBound))
    try number(4, UInt64(span.range.count))
    close(start)
  }
}
