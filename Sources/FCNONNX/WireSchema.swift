/// The messages of the ONNX format that are read, and what becomes of each of their fields in the skeleton.
enum WireMessage: Int, Sendable {
  case model, operatorSet, entry, graph, function, node, attribute, tensor, sparseTensor, valueInfo, type, tensorType
  case tensorShape, dimension
}

/// What becomes of one field.
enum WireAction: Sendable {
  case varint
  case fixed32
  case text
  /// A list of varints, packed or not.
  case varints
  /// A list of 32-bit values, packed or not.
  case fixed32s
  /// `isSingle`: at most one is allowed, so that nothing needs to be merged.
  case message(WireMessage, isSingle: Bool)
  /// Only that it is there.
  case presence
  /// Bytes of a tensor, replaced by a span. The wire type of one value, nil where it is always one block.
  case payload(single: UInt8?)
  /// Texts of a string tensor, which is not supported: checked and dropped.
  case dropped
}

extension WireMessage {
  /// Nil: the field is unknown or not needed and is dropped. Numbers: onnx.proto of ONNX 1.23.
  func action(_ field: UInt64) -> WireAction? {
    switch (self, field) {
    case (.model, 1), (.model, 5), (.operatorSet, 2), (.attribute, 3), (.attribute, 20), (.tensor, 2), (.tensor, 14),
      (.tensorType, 1), (.dimension, 1):
      .varint
    case (.attribute, 2): .fixed32
    case (.model, 2...4), (.model, 6), (.operatorSet, 1), (.entry, 1...2), (.graph, 2), (.function, 1),
      (.function, 4...6), (.function, 10), (.function, 13), (.node, 1...4), (.node, 7...8), (.attribute, 1),
      (.attribute, 4), (.attribute, 9), (.attribute, 21), (.tensor, 8), (.valueInfo, 1), (.dimension, 2):
      .text
    case (.tensor, 1), (.attribute, 8): .varints
    case (.attribute, 7): .fixed32s
    case (.model, 7): .message(.graph, isSingle: true)
    case (.model, 8), (.function, 9): .message(.operatorSet, isSingle: false)
    case (.model, 14), (.tensor, 13): .message(.entry, isSingle: false)
    case (.model, 25): .message(.function, isSingle: false)
    case (.graph, 1), (.function, 7): .message(.node, isSingle: false)
    case (.graph, 5), (.attribute, 10): .message(.tensor, isSingle: false)
    case (.graph, 11...13): .message(.valueInfo, isSingle: false)
    case (.graph, 15): .message(.sparseTensor, isSingle: false)
    case (.function, 11), (.node, 5): .message(.attribute, isSingle: false)
    case (.attribute, 5), (.sparseTensor, 1): .message(.tensor, isSingle: true)
    case (.attribute, 6): .message(.graph, isSingle: true)
    case (.attribute, 11): .message(.graph, isSingle: false)
    case (.valueInfo, 2): .message(.type, isSingle: true)
    case (.type, 1): .message(.tensorType, isSingle: true)
    case (.tensorType, 2): .message(.tensorShape, isSingle: true)
    case (.tensorShape, 1): .message(.dimension, isSingle: false)
    case (.type, 4), (.type, 5), (.type, 7...9), (.tensor, 3): .presence
    case (.tensor, 4): .payload(single: 5)
    case (.tensor, 5), (.tensor, 7), (.tensor, 11): .payload(single: 0)
    case (.tensor, 9): .payload(single: nil)
    case (.tensor, 10): .payload(single: 1)
    case (.tensor, 6): .dropped
    default: nil
    }
  }
}

/// Where a part of a tensor's payload lies in the model file.
package struct PayloadSpan: Sendable, Hashable {
  /// The format's field: 4 float, 5 int32, 7 int64, 9 raw, 10 double, 11 uint64.
  package var field: Int
  /// Values only; otherwise every value follows its own tag.
  package var isPacked: Bool
  package var range: Range<Int>
}
