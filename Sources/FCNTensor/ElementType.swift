/// Element types of tensors: the ONNX tensor types that this runtime stores.
package enum ElementType: String, Sendable, Hashable, CaseIterable {
  case float16, bfloat16, float32, float64
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case bool

  /// Bytes of one element.
  package var size: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  package var isFloat: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool: false
    }
  }
}
