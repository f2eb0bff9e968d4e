/// Finds numbers in a well-formed model – in attributes, shapes, integer tensors – and makes one hostile; the file
/// stays well formed.
struct MutationNumbers {
  private enum Kind {
    case model, opset, graph, function, node, attribute, tensor, value, type, tensorType, shape, dimension
  }

  static let hostile: [Int] = [
    0, 1, -1, 2, 3, 7, 8, 255, 4096, 65536, 1 << 20, 1 << 31 - 1, 1 << 31, 1 << 32, 1 << 62, .max, -1 << 31, .min,
  ]

  private let bytes: [UInt8]
  private(set) var places: [[Int]] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    collect(bytes[...], .model, [])
  }

  private struct Field {
    var number: Int
    var wire: Int
    /// The value without its length.
    var value: Range<Int>
  }

  private static func varint(_ bytes: ArraySlice<UInt8>, _ at: inout Int) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.endIndex {
      let byte = bytes[at]
      at += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return result
  }

  private static func fields(_ bytes: ArraySlice<UInt8>) -> [Field] {
    var result: [Field] = []
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let tag = Int(varint(bytes, &at))
      let start: Int
      switch tag & 7 {
      case 0:
        start = at
        _ = varint(bytes, &at)
      case 2:
        let length = Int(varint(bytes, &at))
        start = at
        at += length
      default:
        start = at
        at += tag & 7 == 5 ? 4 : 8
      }
      result.append(Field(number: tag >> 3, wire: tag & 7, value: start..<at))
    }
    return result
  }

  private static func nested(_ kind: Kind, _ field: Int) -> Kind? {
    switch (kind, field) {
    case (.model, 7), (.attribute, 6): .graph
    case (.model, 8): .opset
    case (.model, 25): .function
    case (.graph, 1), (.function, 7): .node
    case (.graph, 5), (.attribute, 5): .tensor
    case (.graph, 11), (.graph, 12): .value
    case (.node, 5): .attribute
    case (.value, 2): .type
    case (.type, 1): .tensorType
    case (.tensorType, 2): .shape
    case (.shape, 1): .dimension
    default: nil
    }
  }

  private static func isNumber(_ kind: Kind, _ field: Field) -> Bool {
    switch (kind, field.number) {
    case (.model, 1), (.opset, 2), (.attribute, 3), (.attribute, 8), (.attribute, 20), (.tensor, 1), (.tensor, 2),
      (.tensor, 14), (.tensorType, 1), (.dimension, 1):
      field.wire == 0
    case (.attribute, 2), (.attribute, 7): field.wire == 5
    case (.tensor, 9): field.wire == 2 && (8...128).contains(field.value.count) && field.value.count % 8 == 0
    default: false
    }
  }

  private mutating func collect(_ part: ArraySlice<UInt8>, _ kind: Kind, _ path: [Int]) {
    for (index, field) in MutationNumbers.fields(part).enumerated() {
      if field.wire == 2, let inner = MutationNumbers.nested(kind, field.number) {
        collect(part[field.value], inner, path + [index])
      } else if MutationNumbers.isNumber(kind, field) {
        places.append(path + [index])
      }
    }
  }

  /// The model with the number at one place replaced.
  func replaced(at place: [Int], by number: Int) -> [UInt8] { replaced(bytes[...], place[...], number) }

  private func replaced(_ part: ArraySlice<UInt8>, _ place: ArraySlice<Int>, _ number: Int) -> [UInt8] {
    var result: [UInt8] = []
    for (index, field) in MutationNumbers.fields(part).enumerated() {
      result += Wire.varint(field.number << 3 | field.wire)
      var value = Array(part[field.value])
      if index == place.first {
        if place.count > 1 {
          value = replaced(part[field.value], place.dropFirst(), number)
        } else if field.wire == 0 {
          value = Wire.varint(number)
        } else if field.wire == 5 {
          value = Wire.littleEndian(number % 3 == 0 ? Float.nan.bitPattern : Float(number).bitPattern)
        } else {
          value.replaceSubrange(0..<8, with: Wire.littleEndian(number))
        }
      }
      if field.wire == 2 { result += Wire.varint(value.count) }
      result += value
    }
    return result
  }
}
