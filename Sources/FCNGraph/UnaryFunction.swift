/// Elementwise functions of one argument, with ONNX's parameters.
package enum UnaryFunction: Sendable, Hashable {
  case identity
  case relu
  case leakyRelu(alpha: Double)
  case elu(alpha: Double)
  case celu(alpha: Double)
  case selu(alpha: Double, gamma: Double)
  case thresholdedRelu(alpha: Double)
  case shrink(bias: Double, lambda: Double)
  /// max(min(x, high), low); ±∞ where there is no bound.
  case clip(low: Double, high: Double)
  case sigmoid
  /// max(0, min(1, αx + β))
  case hardSigmoid(alpha: Double, beta: Double)
  case hardSwish
  /// x·sigmoid(αx)
  case swish(alpha: Double)
  case mish
  /// `tanh`: the approximation by tanh.
  case gelu(tanh: Bool)
  case softplus
  case softsign
  case tanh, exp, log, sqrt, reciprocal, negate, absolute, floor, ceil, sign, erf
  /// Half to even.
  case round
  case sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh
  case not
  case bitwiseNot
  case isNaN
  case isInf(positive: Bool, negative: Bool)

  /// Whether the result is bool whatever the argument's type.
  package var isPredicate: Bool {
    switch self {
    case .not, .isNaN, .isInf: true
    case .identity, .relu, .leakyRelu, .elu, .celu, .selu, .thresholdedRelu, .shrink, .clip, .sigmoid, .hardSigmoid,
      .hardSwish, .swish, .mish, .gelu, .softplus, .softsign, .tanh, .exp, .log, .sqrt, .reciprocal, .negate, .absolute,
      .floor, .ceil, .sign, .erf, .round, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh,
      .bitwiseNot:
      false
    }
  }
}
