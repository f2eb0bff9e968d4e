import FCNGraph
import FCNTensor
import Glibc

extension Adjoint {
  /// g·∂f/∂a and g·∂f/∂b, summed over the axes that were broadcast; nil for comparisons and operations on bits.
  func binary(_ function: BinaryFunction) -> [[Double]?] {
    let (a, b) = (forward.operand(0), forward.operand(1))
    switch function {
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .xor, .bitwiseAnd, .bitwiseOr, .bitwiseXor,
      .shiftLeft, .shiftRight:
      return [nil, nil]
    case .add: return [gathered(gradient, to: a), gathered(gradient, to: b)]
    case .subtract, .multiply, .divide, .power, .modulo, .maximum, .minimum, .prelu: break
    }
    var (left, right) = (gradient, gradient)
    let (x, y) = (spread(0), spread(1))
    left.withUnsafeMutableBufferPointer { left in
      right.withUnsafeMutableBufferPointer { right in
        x.withUnsafeBufferPointer { x in
          y.withUnsafeBufferPointer { y in
            for index in left.indices where left[index] != 0 {
              let slope = Adjoint.slopes(function, x[index], y[index])
              left[index] = slope.x == 0 ? 0 : left[index] * slope.x
              right[index] = slope.y == 0 ? 0 : right[index] * slope.y
            }
          }
        }
      }
    }
    return [gathered(left, to: a), gathered(right, to: b)]
  }

  /// An operand broadcast to the output.
  private func spread(_ index: Int) -> [Double] {
    let x = forward.operand(index)
    return x.shape.count == gradient.count ? x.values.doubles : forward.spread(index).doubles
  }

  /// ∂f/∂x and ∂f/∂y; at a tie of max or min the first operand was taken.
  static func slopes(_ function: BinaryFunction, _ x: Double, _ y: Double) -> (x: Double, y: Double) {
    switch function {
    case .add: return (1, 1)
    case .subtract: return (1, -1)
    case .multiply: return (y, x)
    case .divide: return (1 / y, -x / (y * y))
    case .power:
      // x^y is real for x < 0 at whole y only: there is no slope along y.
      return (y == 0 ? 0 : y * pow(x, y - 1), x > 0 ? pow(x, y) * log(x) : 0)
    case .modulo(let truncates): return (1, -(x / y).rounded(truncates ? .towardZero : .down))
    case .maximum: return y <= x ? (1, 0) : (0, 1)
    case .minimum: return y >= x ? (1, 0) : (0, 1)
    case .prelu: return x < 0 ? (y, x) : (1, 0)
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .xor, .bitwiseAnd, .bitwiseOr, .bitwiseXor,
      .shiftLeft, .shiftRight:
      return (0, 0)
    }
  }

  /// The gradient goes to the operand that was chosen.
  func select() -> [[Double]?] {
    let condition = forward.spread(0).integers
    var (left, right) = (gradient, gradient)
    for (index, choice) in condition.enumerated() {
      if choice != 0 { right[index] = 0 } else { left[index] = 0 }
    }
    return [nil, gathered(left, to: forward.operand(1)), gathered(right, to: forward.operand(2))]
  }
}
