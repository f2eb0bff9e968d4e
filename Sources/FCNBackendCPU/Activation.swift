import CFCNKernels
import FCNGraph

/// A unary function as the kernels know it.
struct Activation: Sendable {
  var op: fcn_unary
  var a: Float = 0
  var b: Float = 0

  static let none = Activation(op: FCN_IDENTITY)

  private init(op: fcn_unary, _ a: Double = 0, _ b: Double = 0) {
    self.op = op
    self.a = Float(a)
    self.b = Float(b)
  }

  /// Nil for functions that only the reference has.
  init?(_ function: UnaryFunction) {
    switch function {
    case .identity: self.init(op: FCN_IDENTITY)
    case .relu: self.init(op: FCN_RELU)
    case .leakyRelu(let alpha): self.init(op: FCN_LEAKY_RELU, alpha)
    case .clip(let low, let high): self.init(op: FCN_CLIP, low, high)
    case .sigmoid: self.init(op: FCN_SIGMOID)
    case .tanh: self.init(op: FCN_TANH)
    case .hardSigmoid(let alpha, let beta): self.init(op: FCN_HARD_SIGMOID, alpha, beta)
    case .hardSwish: self.init(op: FCN_HARD_SWISH)
    case .swish(let alpha): self.init(op: FCN_SWISH, alpha)
    case .exp: self.init(op: FCN_EXP)
    case .absolute: self.init(op: FCN_ABS)
    case .negate: self.init(op: FCN_NEGATE)
    case .sqrt: self.init(op: FCN_SQRT)
    case .reciprocal: self.init(op: FCN_RECIPROCAL)
    case .elu(let alpha): self.init(op: FCN_ELU, alpha)
    case .celu, .selu, .thresholdedRelu, .shrink, .mish, .gelu, .softplus, .softsign, .log, .floor, .ceil, .sign, .erf,
      .round, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh, .not, .bitwiseNot, .isNaN,
      .isInf:
      return nil
    }
  }
}
