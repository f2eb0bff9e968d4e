import FCNTensor

/// Writes protobuf wire bytes for the tests: what an exporter, or an attacker, would write.
struct WireWriter {
  var bytes: [UInt8] = []

  static func message(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    body(&writer)
    return writer.bytes
  }

  mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  mutating func tag(_ field: Int, _ wire: Int) { varint(UInt64(field << 3 | wire)) }

  mutating func number(_ field: Int, _ value: Int) {
    tag(field, 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func real(_ field: Int, _ value: Float) {
    tag(field, 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func block(_ field: Int, _ value: [UInt8]) {
    tag(field, 2)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func text(_ field: Int, _ value: String) { block(field, Array(value.utf8)) }

  mutating func message(_ field: Int, _ body: (inout WireWriter) -> Void) { block(field, WireWriter.message(body)) }

  /// A tensor's head: dims (1), type (2), name (8).
  mutating func tensorHead(_ name: String, type: Int, dims: [Int]) {
    for dim in dims { number(1, dim) }
    number(2, type)
    text(8, name)
  }

  /// A graph's input or output (type 1 = FLOAT); symbols are texts.
  mutating func valueInfo(_ field: Int, _ name: String, type: Int = 1, dims: [String]) {
    message(field) {
      $0.text(1, name)
      $0.message(2) {
        $0.message(1) {
          $0.number(1, type)
          $0.message(2) { shape in
            for dim in dims {
              shape.message(1) { item in
                if let size = Int(dim) { item.number(1, size) } else { item.text(2, dim) }
              }
            }
          }
        }
      }
    }
  }

  mutating func node(
    _ name: String, _ op: String, _ inputs: [String], _ outputs: [String], domain: String = "",
    attributes: [[UInt8]] = []
  ) {
    message(1) { node in
      for input in inputs { node.text(1, input) }
      for output in outputs { node.text(2, output) }
      node.text(3, name)
      node.text(4, op)
      for attribute in attributes { node.block(5, attribute) }
      if !domain.isEmpty { node.text(7, domain) }
    }
  }

  static func attribute(_ name: String, _ value: Int) -> [UInt8] {
    message {
      $0.text(1, name)
      $0.number(3, value)
      $0.number(20, 2)
    }
  }

  static func attribute(_ name: String, _ value: Float) -> [UInt8] {
    message {
      $0.text(1, name)
      $0.real(2, value)
      $0.number(20, 1)
    }
  }

  static func attribute(_ name: String, _ value: String) -> [UInt8] {
    message {
      $0.text(1, name)
      $0.text(4, value)
      $0.number(20, 3)
    }
  }

  static func attribute(_ name: String, _ values: [Int]) -> [UInt8] {
    message { writer in
      writer.text(1, name)
      for value in values { writer.number(8, value) }
      writer.number(20, 7)
    }
  }

  /// A whole model around the fields of a graph.
  static func model(ir: Int = 8, opset: Int = 17, _ graph: (inout WireWriter) -> Void) -> [UInt8] {
    message {
      $0.number(1, ir)
      $0.text(2, "test")
      $0.message(7) {
        $0.text(2, "g")
        graph(&$0)
      }
      $0.message(8) { $0.number(2, opset) }
    }
  }
}

/// Little-endian bytes.
func rawBytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

/// x → Conv(w, b) → Relu → y with a 2→2 channel 3×3 kernel of seeded values.
func smallModel() -> [UInt8] {
  WireWriter.model { graph in
    graph.node("conv", "Conv", ["x", "w", "b"], ["h"], attributes: [WireWriter.attribute("pads", [1, 1, 1, 1])])
    graph.node("relu", "Relu", ["h"], ["y"])
    graph.message(5) {
      $0.tensorHead("w", type: 1, dims: [2, 2, 3, 3])
      $0.block(9, rawBytes((0..<36).map { Float($0 % 7) - 3 }))
    }
    graph.message(5) {
      $0.tensorHead("b", type: 1, dims: [2])
      $0.block(4, rawBytes([Float(0.5), -0.25]))
    }
    graph.valueInfo(11, "x", dims: ["N", "2", "H", "W"])
    graph.valueInfo(12, "y", dims: ["N", "2", "H", "W"])
  }
}

/// xorshift64*, seeded.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 2 + 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
