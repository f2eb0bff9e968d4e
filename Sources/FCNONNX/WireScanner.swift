/// Walks a model's bytes once, checks the wire format against `LoaderLimits`, and writes the skeleton.
///
/// Only headers and texts are read. The system may map whole large pages around each of them, so that pages of a mapped
/// file are let go on the way: what stays resident is bounded whatever the file's size. Cost: linear in the fields.
struct WireScanner {
  private let limits: LoaderLimits
  private var reader: WireReader
  private var skeleton: Skeleton
  private var messages = 0
  private var fields = 0
  private var nodes = 0
  private let source: ModelBytes
  private var released = 0
  private static let residentBytes = 1 << 23

  private init(_ source: ModelBytes, _ limits: LoaderLimits) throws(ONNXError) {
    let bytes = source.bytes
    guard bytes.count <= limits.fileBytes else {
      throw ONNXError(.limit, "model: expected at most \(limits.fileBytes) bytes, got \(bytes.count)")
    }
    self.limits = limits
    self.source = source
    reader = WireReader(bytes)
    skeleton = Skeleton(limit: limits.skeletonBytes)
  }

  /// - Throws: `ONNXError.invalid` for damaged bytes, `.limit` beyond a bound.
  static func skeleton(of source: ModelBytes, limits: LoaderLimits) throws(ONNXError) -> [UInt8] {
    var scanner = try WireScanner(source, limits)
    try scanner.message(.model, end: source.bytes.count, depth: 1)
    scanner.release()
    return scanner.skeleton.bytes
  }

  /// The same for a single tensor: the skeleton of a model that has it as its one initialiser.
  static func skeleton(ofTensor source: ModelBytes, limits: LoaderLimits) throws(ONNXError) -> [UInt8] {
    var scanner = try WireScanner(source, limits)
    let graph = try scanner.skeleton.open(7)
    let tensor = try scanner.skeleton.open(5)
    try scanner.message(.tensor, end: source.bytes.count, depth: 1)
    scanner.skeleton.close(tensor)
    scanner.skeleton.close(graph)
    scanner.release()
    return scanner.skeleton.bytes
  }

  private mutating func message(_ kind: WireMessage, end: Int, depth: Int) throws(ONNXError) {
    try count(kind, depth)
    var spans: [PayloadSpan] = []
    var seen: UInt64 = 0
    while reader.position < end {
      let start = reader.position
      if start - released >= WireScanner.residentBytes { release() }
      let (field, wire) = try reader.tag(end: end)
      guard let action = kind.action(field) else {
        try reader.skip(wire, end: end)
        continue
      }
      fields += 1
      guard fields <= limits.fields else { throw ONNXError(.limit, "model: expected at most \(limits.fields) fields") }
      switch action {
      case .message(let inner, let isSingle):
        guard wire == 2 else { throw unexpected(wire, field, kind) }
        if isSingle {
          guard seen & (1 << field) == 0 else { throw reader.damaged("field \(field) of \(kind) is given twice") }
          seen |= 1 << field
        }
        let block = try reader.block(end: end)
        let mark = try skeleton.open(field)
        try message(inner, end: block.upperBound, depth: depth + 1)
        skeleton.close(mark)
      case .payload(let single):
        try payload(field, wire, single, from: start, end: end, of: kind, into: &spans)
      case .varint, .fixed32, .text, .varints, .fixed32s, .presence, .dropped:
        try value(action, field, wire, end: end, of: kind)
      }
    }
    for span in spans { try skeleton.span(span) }
  }

  private mutating func release() {
    source.release(released..<reader.position)
    released = reader.position
  }

  private mutating func count(_ kind: WireMessage, _ depth: Int) throws(ONNXError) {
    guard depth <= limits.depth else {
      throw ONNXError(.limit, "model: expected messages nested at most \(limits.depth) deep")
    }
    try countMessage()
    if kind == .node { nodes += 1 }
    guard nodes <= limits.nodes else { throw ONNXError(.limit, "model: expected at most \(limits.nodes) nodes") }
  }

  private mutating func countMessage() throws(ONNXError) {
    messages += 1
    guard messages <= limits.messages else {
      throw ONNXError(.limit, "model: expected at most \(limits.messages) messages")
    }
  }

  private func unexpected(_ wire: UInt8, _ field: UInt64, _ kind: WireMessage) -> ONNXError {
    reader.damaged("field \(field) of \(kind) has wire type \(wire)")
  }

  /// Copies one field that holds no message.
  private mutating func value(
    _ action: WireAction, _ field: UInt64, _ wire: UInt8, end: Int, of kind: WireMessage
  ) throws(ONNXError) {
    switch (action, wire) {
    case (.varint, 0), (.varints, 0):
      try skeleton.number(field, try reader.varint(end: end))
    case (.fixed32, 5), (.fixed32s, 5):
      let start = reader.position
      try reader.advance(4, end: end)
      try skeleton.fixed32(field, UnsafeRawBufferPointer(rebasing: reader.bytes[start..<start + 4]))
    case (.text, 2), (.varints, 2), (.fixed32s, 2):
      let block = try reader.block(end: end)
      if case .text = action, block.count > limits.textBytes {
        throw ONNXError(
          .limit, "text at byte \(block.lowerBound): expected at most \(limits.textBytes) bytes, got \(block.count)")
      }
      try skeleton.block(field, UnsafeRawBufferPointer(rebasing: reader.bytes[block]))
      reader.position = block.upperBound
    case (.presence, 2):
      reader.position = try reader.block(end: end).upperBound
      try skeleton.block(field, UnsafeRawBufferPointer(start: nil, count: 0))
    case (.dropped, 2):
      reader.position = try reader.block(end: end).upperBound
    default: throw unexpected(wire, field, kind)
    }
  }

  /// Notes where a payload lies; neighbouring values with tags of their own become one span.
  private mutating func payload(
    _ field: UInt64, _ wire: UInt8, _ single: UInt8?, from start: Int, end: Int, of kind: WireMessage,
    into spans: inout [PayloadSpan]
  ) throws(ONNXError) {
    if wire == 2 {
      let block = try reader.block(end: end)
      reader.position = block.upperBound
      try countMessage()
      spans.append(PayloadSpan(field: Int(field), isPacked: true, range: block))
      return
    }
    guard wire == single else { throw unexpected(wire, field, kind) }
    try reader.skip(wire, end: end)
    if let last = spans.last, last.field == field, !last.isPacked, last.range.upperBound == start {
      spans[spans.count - 1].range = last.range.lowerBound..<reader.position
    } else {
      try countMessage()
      spans.append(PayloadSpan(field: Int(field), isPacked: false, range: start..<reader.position))
    }
  }
}
