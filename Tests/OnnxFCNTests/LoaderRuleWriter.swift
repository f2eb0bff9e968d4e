/// Protobuf wire bytes of small models, well formed or not. Field numbers: onnx.proto.
enum Wire {
  static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(bitPattern: Int64(value))
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func number(_ field: Int, _ value: Int) -> [UInt8] { varint(field << 3) + varint(value) }
  static func block(_ field: Int, _ bytes: [UInt8]) -> [UInt8] { varint(field << 3 | 2) + varint(bytes.count) + bytes }
  static func text(_ field: Int, _ text: String) -> [UInt8] { block(field, Array(text.utf8)) }
  static func real(_ field: Int, _ value: Float) -> [UInt8] {
    varint(field << 3 | 5) + withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
  }

  /// An attribute: an integer, a list of them, a number, or a text.
  static func attribute(_ name: String, _ value: Int) -> [UInt8] { text(1, name) + number(3, value) + number(20, 2) }
  static func attribute(_ name: String, _ values: [Int]) -> [UInt8] {
    text(1, name) + values.flatMap { number(8, $0) } + number(20, 7)
  }
  static func attribute(_ name: String, _ value: Float) -> [UInt8] { text(1, name) + real(2, value) + number(20, 1) }
  static func attribute(_ name: String, _ value: String) -> [UInt8] { text(1, name) + text(4, value) + number(20, 3) }

  static func node(
    _ op: String, _ inputs: [String], _ outputs: [String], _ attributes: [[UInt8]] = [], name: String? = nil,
    domain: String = ""
  ) -> [UInt8] {
    inputs.flatMap { text(1, $0) } + outputs.flatMap { text(2, $0) } + text(3, name ?? "the_\(op)") + text(4, op)
      + attributes.flatMap { block(5, $0) } + text(7, domain)
  }

  static func integers(_ name: String, _ values: [Int], shape: [Int]? = nil) -> [UInt8] {
    tensor(name, type: 7, shape: shape ?? [values.count], raw: values.flatMap { littleEndian($0) })
  }

  static func floats(_ name: String, _ values: [Float], shape: [Int]) -> [UInt8] {
    tensor(name, type: 1, shape: shape, raw: values.flatMap { littleEndian($0.bitPattern) })
  }

  static func tensor(_ name: String, type: Int, shape: [Int], raw: [UInt8]) -> [UInt8] {
    shape.flatMap { number(1, $0) } + number(2, type) + text(8, name) + block(9, raw)
  }

  /// A tensor whose values lie in another file.
  static func external(_ name: String, shape: [Int], _ entries: [(String, String)]) -> [UInt8] {
    shape.flatMap { number(1, $0) } + number(2, 1) + text(8, name)
      + entries.flatMap { block(13, text(1, $0.0) + text(2, $0.1)) } + number(14, 1)
  }

  static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// The float32 input `x` and the output `y`.
  static func model(
    nodes: [[UInt8]], constants: [[UInt8]] = [], input: [Int] = [1, 2, 8, 8], inputType: Int = 1,
    outputs: [String] = ["y"], ir: Int = 8, opset: Int = 17, functions: [[UInt8]] = [], extraOpsets: [[UInt8]] = []
  ) -> [UInt8] {
    let shape = input.flatMap { block(1, number(1, $0)) }
    let type = block(2, block(1, number(1, inputType) + block(2, shape)))
    let graph =
      nodes.flatMap { block(1, $0) } + text(2, "g") + constants.flatMap { block(5, $0) }
      + block(11, text(1, "x") + type) + outputs.flatMap { block(12, text(1, $0)) }
    return number(1, ir) + block(7, graph) + block(8, text(1, "") + number(2, opset))
      + extraOpsets.flatMap { block(8, $0) } + functions.flatMap { block(25, $0) }
  }
}
