import FCNGraph
import FCNTensor
import Glibc

func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }

extension Evaluation {
  /// For each axis of the output region the offsets that broadcast an operand to it.
  func spreadTables(_ x: Operand) -> [[Int]] {
    let strides = x.region.shape.strides
    var tables = region.ranges.map { [Int](repeating: 0, count: $0.count) }
    for axis in 0..<x.shape.rank where x.shape[axis] != 1 {
      let target = axis + region.rank - x.shape.rank
      tables[target] = region[target].map { ($0 - x.region[axis].lowerBound) * strides[axis] }
    }
    return tables
  }

  /// An operand broadcast to the output region.
  func spread(_ index: Int) -> Values {
    let x = operand(index)
    return x.values.gathered(spreadTables(x))
  }

  func unary(_ function: UnaryFunction) -> Values {
    switch operand(0).cropped(to: region) {
    case .real(let values):
      return function.isPredicate
        ? .integer(values.map { Evaluation.predicate(function, $0) ? 1 : 0 })
        : .real(values.map { Evaluation.apply(function, $0) })
    case .integer(let values):
      return .integer(values.map { Evaluation.apply(function, $0) })
    }
  }

  private static func predicate(_ function: UnaryFunction, _ x: Double) -> Bool {
    switch function {
    case .not: x == 0
    case .isNaN: x.isNaN
    case .isInf(let positive, let negative): x == .infinity && positive || x == -.infinity && negative
    default: false
    }
  }

  /// Integers: exact where the function keeps integers, through Double elsewhere.
  private static func apply(_ function: UnaryFunction, _ x: Int64) -> Int64 {
    switch function {
    case .identity, .floor, .ceil, .round: x
    case .relu: max(0, x)
    case .negate: 0 &- x
    case .absolute: x < 0 ? 0 &- x : x
    case .sign: x.signum()
    case .clip(let low, let high): Double(x) < low ? saturating(low) : Double(x) > high ? saturating(high) : x
    case .not: x == 0 ? 1 : 0
    case .bitwiseNot: ~x
    case .isNaN, .isInf: 0
    default: saturating(apply(function, Double(x)))
    }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  private static func clamp(_ x: Double, _ low: Double, _ high: Double) -> Double {
    x < low ? low : x > high ? high : x
  }
  /// log(1 + eˣ) without overflow.
  static func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

  static func apply(_ function: UnaryFunction, _ x: Double) -> Double {
    switch function {
    case .identity: return x
    case .relu: return x < 0 ? 0 : x
    case .leakyRelu(let alpha): return x < 0 ? alpha * x : x
    case .elu(let alpha): return x < 0 ? alpha * expm1(x) : x
    case .celu(let alpha): return x.isNaN ? x : max(0, x) + min(0, alpha * expm1(x / alpha))
    case .selu(let alpha, let gamma): return x > 0 ? gamma * x : gamma * alpha * expm1(x)
    case .thresholdedRelu(let alpha): return x.isNaN ? x : x > alpha ? x : 0
    case .shrink(let bias, let lambda): return x < -lambda ? x + bias : x > lambda ? x - bias : x.isNaN ? x : 0
    case .clip(let low, let high): return clamp(x, low, high)
    case .sigmoid: return sigmoid(x)
    case .hardSigmoid(let alpha, let beta): return clamp(alpha * x + beta, 0, 1)
    case .hardSwish: return x * clamp(x / 6 + 0.5, 0, 1)
    case .swish(let alpha): return x * sigmoid(alpha * x)
    case .mish: return x * Glibc.tanh(softplus(x))
    case .gelu(let approximates):
      if approximates { return 0.5 * x * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) }
      return 0.5 * x * (1 + Glibc.erf(x / 2.0.squareRoot()))
    case .softplus: return softplus(x)
    case .softsign: return x / (1 + abs(x))
    case .tanh: return Glibc.tanh(x)
    case .exp: return Glibc.exp(x)
    case .log: return Glibc.log(x)
    case .sqrt: return x.squareRoot()
    case .reciprocal: return 1 / x
    case .negate: return -x
    case .absolute: return abs(x)
    case .floor: return x.rounded(.down)
    case .ceil: return x.rounded(.up)
    case .round: return x.rounded(.toNearestOrEven)
    case .sign: return x.isNaN ? x : x > 0 ? 1 : x < 0 ? -1 : 0
    case .erf: return Glibc.erf(x)
    case .sin: return Glibc.sin(x)
    case .cos: return Glibc.cos(x)
    case .tan: return Glibc.tan(x)
    case .asin: return Glibc.asin(x)
    case .acos: return Glibc.acos(x)
    case .atan: return Glibc.atan(x)
    case .sinh: return Glibc.sinh(x)
    case .cosh: return Glibc.cosh(x)
    case .asinh: return Glibc.asinh(x)
    case .acosh: return Glibc.acosh(x)
    case .atanh: return Glibc.atanh(x)
    case .not, .bitwiseNot, .isNaN, .isInf: return x
    }
  }

  func binary(_ function: BinaryFunction) -> Values {
    let (a, b) = (spread(0), spread(1))
    if case .integer(let x) = a, case .integer(let y) = b {
      let isUnsigned64 = operand(0).elementType == .uint64
      return .integer(zip(x, y).map { Evaluation.apply(function, $0, $1, isUnsigned64) })
    }
    let (x, y) = (a.doubles, b.doubles)
    let result = zip(x, y).map { Evaluation.apply(function, $0, $1) }
    if function.isPredicate { return .integer(result.map { $0 == 0 ? 0 : 1 }) }
    return sizing.outputs[0].elementType.isFloat ? .real(result) : .integer(result.map { saturating($0) })
  }

  static func apply(_ function: BinaryFunction, _ x: Double, _ y: Double) -> Double {
    switch function {
    case .add: return x + y
    case .subtract: return x - y
    case .multiply: return x * y
    case .divide: return x / y
    case .power: return pow(x, y)
    case .modulo(let truncates):
      let rest = Glibc.fmod(x, y)
      return truncates || rest == 0 || (rest < 0) == (y < 0) ? rest : rest + y
    case .maximum: return x.isNaN ? x : y <= x ? x : y
    case .minimum: return x.isNaN ? x : y >= x ? x : y
    case .prelu: return x < 0 ? x * y : x
    case .equal: return x == y ? 1 : 0
    case .less: return x < y ? 1 : 0
    case .lessOrEqual: return x <= y ? 1 : 0
    case .greater: return x > y ? 1 : 0
    case .greaterOrEqual: return x >= y ? 1 : 0
    case .and: return x != 0 && y != 0 ? 1 : 0
    case .or: return x != 0 || y != 0 ? 1 : 0
    case .xor: return (x != 0) != (y != 0) ? 1 : 0
    case .bitwiseAnd, .bitwiseOr, .bitwiseXor, .shiftLeft, .shiftRight: return .nan
    }
  }

  /// Overflow wraps, division by zero gives 0; shifts beyond the width give 0, to the right the sign.
  private static func apply(_ function: BinaryFunction, _ x: Int64, _ y: Int64, _ isUnsigned: Bool) -> Int64 {
    func ordered(_ a: Int64, _ b: Int64) -> Bool { isUnsigned ? UInt64(bitPattern: a) < UInt64(bitPattern: b) : a < b }
    switch function {
    case .add: return x &+ y
    case .subtract: return x &- y
    case .multiply: return x &* y
    case .divide:
      if y == 0 { return 0 }
      return isUnsigned
        ? Int64(bitPattern: UInt64(bitPattern: x) / UInt64(bitPattern: y))
        : x.dividedReportingOverflow(by: y).partialValue
    case .power: return integerPower(x, y)
    case .modulo(let truncates):
      if y == 0 { return 0 }
      if isUnsigned { return Int64(bitPattern: UInt64(bitPattern: x) % UInt64(bitPattern: y)) }
      let rest = x.remainderReportingOverflow(dividingBy: y).partialValue
      return truncates || rest == 0 || (rest < 0) == (y < 0) ? rest : rest &+ y
    case .maximum: return ordered(x, y) ? y : x
    case .minimum: return ordered(y, x) ? y : x
    case .prelu: return x < 0 ? x &* y : x
    case .equal: return x == y ? 1 : 0
    case .less: return ordered(x, y) ? 1 : 0
    case .lessOrEqual: return ordered(y, x) ? 0 : 1
    case .greater: return ordered(y, x) ? 1 : 0
    case .greaterOrEqual: return ordered(x, y) ? 0 : 1
    case .and: return x != 0 && y != 0 ? 1 : 0
    case .or: return x != 0 || y != 0 ? 1 : 0
    case .xor: return (x != 0) != (y != 0) ? 1 : 0
    case .bitwiseAnd: return x & y
    case .bitwiseOr: return x | y
    case .bitwiseXor: return x ^ y
    case .shiftLeft: return (0..<64).contains(y) ? x << y : 0
    case .shiftRight:
      return (0..<64).contains(y)
        ? (isUnsigned ? Int64(bitPattern: UInt64(bitPattern: x) >> UInt64(y)) : x >> y) : x < 0 && !isUnsigned ? -1 : 0
    }
  }

  /// xʸ with wrapping; 0 for negative exponents of |x| > 1.
  private static func integerPower(_ x: Int64, _ y: Int64) -> Int64 {
    if y < 0 { return x == 1 ? 1 : x == -1 ? (y % 2 == 0 ? 1 : -1) : 0 }
    var (result, base, exponent) = (Int64(1), x, y)
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    return result
  }

  func select() -> Values {
    let condition = spread(0).integers
    switch (spread(1), spread(2)) {
    case (.integer(let a), .integer(let b)):
      return .integer(condition.indices.map { condition[$0] != 0 ? a[$0] : b[$0] })
    case (let a, let b):
      let (x, y) = (a.doubles, b.doubles)
      return .real(condition.indices.map { condition[$0] != 0 ? x[$0] : y[$0] })
    }
  }
}
