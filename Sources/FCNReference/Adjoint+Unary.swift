import FCNGraph
import Glibc

extension Adjoint {
  /// g·f'(x); nil for functions whose derivative is zero or has no meaning.
  func unary(_ function: UnaryFunction) -> [Double]? {
    switch function {
    case .floor, .ceil, .round, .sign, .not, .bitwiseNot, .isNaN, .isInf: return nil
    case .identity, .relu, .leakyRelu, .elu, .celu, .selu, .thresholdedRelu, .shrink, .clip, .sigmoid, .hardSigmoid,
      .hardSwish, .swish, .mish, .gelu, .softplus, .softsign, .tanh, .exp, .log, .sqrt, .reciprocal, .negate, .absolute,
      .erf, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh:
      break
    }
    let x = forward.operand(0).values.doubles
    var result = gradient
    result.withUnsafeMutableBufferPointer { result in
      x.withUnsafeBufferPointer { x in
        for index in result.indices where result[index] != 0 {
          result[index] *= Adjoint.derivative(function, x[index])
        }
      }
    }
    return result
  }

  /// f'(x).
  static func derivative(_ function: UnaryFunction, _ x: Double) -> Double {
    switch function {
    case .identity: return 1
    case .relu: return x > 0 ? 1 : 0
    case .leakyRelu(let alpha): return x < 0 ? alpha : 1
    case .elu(let alpha): return x < 0 ? alpha * Glibc.exp(x) : 1
    case .celu(let alpha): return x < 0 ? Glibc.exp(x / alpha) : 1
    case .selu(let alpha, let gamma): return x > 0 ? gamma : gamma * alpha * Glibc.exp(x)
    case .thresholdedRelu(let alpha): return x > alpha ? 1 : 0
    case .shrink(_, let lambda): return x < -lambda || x > lambda ? 1 : 0
    case .clip(let low, let high): return x < low || x > high ? 0 : 1
    case .sigmoid, .hardSigmoid, .hardSwish, .swish, .mish, .gelu, .softplus, .softsign, .tanh:
      return smoothDerivative(function, x)
    case .exp: return Glibc.exp(x)
    case .log: return 1 / x
    case .sqrt: return 0.5 / x.squareRoot()
    case .reciprocal: return -1 / (x * x)
    case .negate: return -1
    case .absolute: return x > 0 ? 1 : x < 0 ? -1 : 0
    case .erf: return 2 / Double.pi.squareRoot() * Glibc.exp(-x * x)
    case .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh:
      return trigonometricDerivative(function, x)
    case .floor, .ceil, .round, .sign, .not, .bitwiseNot, .isNaN, .isInf: return 0
    }
  }

  /// Sigmoids and activations made of them.
  private static func smoothDerivative(_ function: UnaryFunction, _ x: Double) -> Double {
    switch function {
    case .sigmoid:
      let s = Evaluation.sigmoid(x)
      return s * (1 - s)
    case .hardSigmoid(let alpha, let beta):
      let y = alpha * x + beta
      return y > 0 && y < 1 ? alpha : 0
    case .hardSwish: return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5
    case .swish(let alpha):
      let s = Evaluation.sigmoid(alpha * x)
      return s + alpha * x * s * (1 - s)
    case .mish:
      let t = Glibc.tanh(Evaluation.softplus(x))
      return t + x * (1 - t * t) * Evaluation.sigmoid(x)
    case .gelu(let approximates):
      if approximates {
        let c = (2 / Double.pi).squareRoot()
        let t = Glibc.tanh(c * (x + 0.044715 * x * x * x))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)
      }
      return 0.5 * (1 + Glibc.erf(x / 2.0.squareRoot())) + x * Glibc.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .softplus: return Evaluation.sigmoid(x)
    case .softsign: return 1 / ((1 + abs(x)) * (1 + abs(x)))
    case .tanh:
      let t = Glibc.tanh(x)
      return 1 - t * t
    default: preconditionFailure("not a smooth activation")
    }
  }

  private static func trigonometricDerivative(_ function: UnaryFunction, _ x: Double) -> Double {
    switch function {
    case .sin: return Glibc.cos(x)
    case .cos: return -Glibc.sin(x)
    case .tan:
      let t = Glibc.tan(x)
      return 1 + t * t
    case .asin: return 1 / (1 - x * x).squareRoot()
    case .acos: return -1 / (1 - x * x).squareRoot()
    case .atan: return 1 / (1 + x * x)
    case .sinh: return Glibc.cosh(x)
    case .cosh: return Glibc.sinh(x)
    case .asinh: return 1 / (x * x + 1).squareRoot()
    case .acosh: return 1 / (x * x - 1).squareRoot()
    case .atanh: return 1 / (1 - x * x)
    default: preconditionFailure("not a trigonometric function")
    }
  }
}
