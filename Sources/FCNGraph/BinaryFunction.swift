/// Elementwise functions of two arguments.
package enum BinaryFunction: Sendable, Hashable {
  case add, subtract, multiply
  /// Integers truncate toward zero.
  case divide
  case power
  /// `fmod`: C's fmod; otherwise the sign of the divisor (Python).
  case modulo(fmod: Bool)
  case maximum, minimum
  /// x < 0 ? slope·x : x
  case prelu
  case equal, less, lessOrEqual, greater, greaterOrEqual
  case and, or, xor
  case bitwiseAnd, bitwiseOr, bitwiseXor
  case shiftLeft, shiftRight

  /// Whether the result is bool whatever the arguments' type.
  package var isPredicate: Bool {
    switch self {
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .xor: true
    case .add, .subtract, .multiply, .divide, .power, .modulo, .maximum, .minimum, .prelu, .bitwiseAnd, .bitwiseOr,
      .bitwiseXor, .shiftLeft, .shiftRight:
      false
    }
  }
}
