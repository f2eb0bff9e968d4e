import FCNGraph

/// A unary function as Shaders/common/activation.glsl numbers it.
struct ActivationCode: Sendable {
  var code: Int
  var a: Float = 0
  var b: Float = 0

  static let none = ActivationCode(code: 0)
  /// Codes below this are known to every shader.
  static let inEveryShader = 30

  private init(code: Int, _ a: Double = 0, _ b: Double = 0) {
    self.code = code
    self.a = Float(a)
    self.b = Float(b)
  }

  /// Nil for what no shader has.
  init?(_ function: UnaryFunction) {
    switch function {
    case .identity: self.init(code: 0)
    case .relu: self.init(code: 1)
    case .leakyRelu(let alpha): self.init(code: 2, alpha)
    case .elu(let alpha): self.init(code: 3, alpha)
    case .celu(let alpha): self.init(code: 4, alpha)
    case .selu(let alpha, let gamma): self.init(code: 5, alpha, gamma)
    case .thresholdedRelu(let alpha): self.init(code: 6, alpha)
    case .shrink(let bias, let lambda): self.init(code: 7, bias, lambda)
    case .clip(let low, let high): self.init(code: 8, low, high)
    case .sigmoid: self.init(code: 9)
    case .hardSigmoid(let alpha, let beta): self.init(code: 10, alpha, beta)
    case .hardSwish: self.init(code: 11)
    case .swish(let alpha): self.init(code: 12, alpha)
    case .mish: self.init(code: 13)
    case .gelu(let tanh): self.init(code: tanh ? 15 : 14)
    case .softplus: self.init(code: 16)
    case .softsign: self.init(code: 17)
    case .tanh: self.init(code: 18)
    case .absolute: self.init(code: 19)
    case .exp: self.init(code: 20)
    case .log: self.init(code: 21)
    case .sqrt: self.init(code: 22)
    case .reciprocal: self.init(code: 23)
    case .negate: self.init(code: 24)
    case .floor: self.init(code: 25)
    case .ceil: self.init(code: 26)
    case .sign: self.init(code: 27)
    case .erf: self.init(code: 28)
    case .round: self.init(code: 29)
    case .sin: self.init(code: 30)
    case .cos: self.init(code: 31)
    case .tan: self.init(code: 32)
    case .asin: self.init(code: 33)
    case .acos: self.init(code: 34)
    case .atan: self.init(code: 35)
    case .sinh: self.init(code: 36)
    case .cosh: self.init(code: 37)
    case .asinh: self.init(code: 38)
    case .acosh: self.init(code: 39)
    case .atanh: self.init(code: 40)
    case .not, .bitwiseNot, .isNaN, .isInf: return nil
    }
  }
}
