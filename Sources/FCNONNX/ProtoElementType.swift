package import FCNTensor

/// ONNX `TensorProto.DataType` by its number.
package struct ProtoElementType: Sendable, Hashable, CustomStringConvertible {
  package let code: Int32

  package init(_ code: Int32) { self.code = code }

  /// ONNX's name, or the number of a type that is newer than this build.
  package var description: String {
    Self.names.indices.contains(Int(code)) ? Self.names[Int(code)] : "type \(code)"
  }

  /// Nil for the types that are not supported: strings, complex, and floats and integers below 8 bits.
  package var elementType: ElementType? {
    switch code {
    case 1: .float32
    case 2: .uint8
    case 3: .int8
    case 4: .uint16
    case 5: .int16
    case 6: .int32
    case 7: .int64
    case 9: .bool
    case 10: .float16
    case 11: .float64
    case 12: .uint32
    case 13: .uint64
    case 16: .bfloat16
    default: nil
    }
  }

  /// The field that holds values of this type when they are not raw bytes.
  var typedField: Int? {
    switch code {
    case 1, 14: 4
    case 2...6, 9, 10, 16: 5
    case 7: 7
    case 11, 15: 10
    case 12, 13: 11
    default: nil
    }
  }

  private static let names = [
    "UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE",
    "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2",
    "FLOAT8E5M2FNUZ", "UINT4", "INT4", "FLOAT4E2M1", "FLOAT8E8M0", "UINT2", "INT2", "FLOAT6E2M3", "FLOAT6E3M2",
  ]
}
