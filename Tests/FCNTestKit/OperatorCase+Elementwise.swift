import FCNGraph
import FCNTensor

extension OperatorCase {
  static func unary(
    _ name: String, _ function: UnaryFunction, _ type: ElementType = .float32, in range: ClosedRange<Double> = -4...4
  ) -> OperatorCase {
    OperatorCase("unary \(name)") { builder in
      let x = try builder.input([2, 3, 5, 7], type, in: range)
      return [builder.node(.unary(function), x)]
    }
  }

  static let unaries: [OperatorCase] =
    activations + [
      unary("exp", .exp), unary("log", .log, in: 0.01...9), unary("sqrt", .sqrt, in: 0...9),
      unary("reciprocal", .reciprocal, in: 0.2...4), unary("negate", .negate), unary("absolute", .absolute),
      unary("floor", .floor), unary("ceil", .ceil), unary("round", .round), unary("sign", .sign), unary("erf", .erf),
      unary("sin", .sin), unary("cos", .cos), unary("tan", .tan, in: -1...1), unary("asin", .asin, in: -1...1),
      unary("acos", .acos, in: -1...1), unary("atan", .atan), unary("sinh", .sinh), unary("cosh", .cosh),
      unary("asinh", .asinh), unary("acosh", .acosh, in: 1...5), unary("atanh", .atanh, in: -0.9...0.9),
      unary("isNaN", .isNaN), unary("isInf", .isInf(positive: true, negative: true)), unary("not", .not, .bool),
      unary("bitwiseNot", .bitwiseNot, .uint8, in: 0...255), unary("negate int32", .negate, .int32, in: -9...9),
      unary("relu int8", .relu, .int8, in: -9...9), unary("absolute int64", .absolute, .int64, in: -9...9),
      unary("sigmoid float64", .sigmoid, .float64), unary("tanh float16", .tanh, .float16),
      unary("relu bfloat16", .relu, .bfloat16),
    ] + casts + selections

  private static let activations: [OperatorCase] = [
    unary("identity", .identity), unary("relu", .relu), unary("leakyRelu", .leakyRelu(alpha: 0.1)),
    unary("elu", .elu(alpha: 1.3)), unary("celu", .celu(alpha: 0.7)), unary("selu", .selu(alpha: 1.67, gamma: 1.05)),
    unary("thresholdedRelu", .thresholdedRelu(alpha: 0.5)), unary("shrink", .shrink(bias: 0.2, lambda: 0.5)),
    unary("clip", .clip(low: 0, high: 3)), unary("clip below", .clip(low: -1, high: .infinity)),
    unary("sigmoid", .sigmoid), unary("hardSigmoid", .hardSigmoid(alpha: 0.2, beta: 0.5)),
    unary("hardSwish", .hardSwish), unary("swish", .swish(alpha: 1)), unary("mish", .mish),
    unary("gelu", .gelu(tanh: false)), unary("gelu tanh", .gelu(tanh: true)), unary("softplus", .softplus),
    unary("softsign", .softsign), unary("tanh", .tanh),
  ]

  private static let casts: [OperatorCase] = ElementType.allCases.flatMap { source in
    ElementType.allCases.map { target in
      OperatorCase("cast \(source.rawValue) to \(target.rawValue)") { builder in
        let isUnsigned = source.rawValue.hasPrefix("u")
        let x = try builder.input([3, 41], source, in: isUnsigned ? 0...250 : -120...120)
        return [builder.node(.cast(target), x)]
      }
    }
  }

  private static let selections: [OperatorCase] = [
    OperatorCase("select broadcast") { builder in
      let condition = try builder.input([3, 1, 5], .bool)
      let a = try builder.input([4, 1])
      let b = try builder.input([1, 3, 1, 5])
      return [builder.node(.select, condition, a, b)]
    },
    OperatorCase("select int64") { builder in
      let condition = try builder.input([2, 3], .bool)
      let a = try builder.input([2, 3], .int64, in: -50...50)
      let b = try builder.input([], .int64, in: -50...50)
      return [builder.node(.select, condition, a, b)]
    },
  ]

  static func binary(
    _ name: String, _ function: BinaryFunction, _ a: [Int] = [2, 3, 4, 5], _ b: [Int] = [2, 3, 4, 5],
    _ type: ElementType = .float32, in range: ClosedRange<Double> = -3...3, right: ClosedRange<Double>? = nil
  ) -> OperatorCase {
    OperatorCase("binary \(name)") { builder in
      let x = try builder.input(a, type, in: range)
      let y = try builder.input(b, type, in: right ?? range)
      return [builder.node(.binary(function), x, y)]
    }
  }

  static let binaries: [OperatorCase] =
    broadcasts + [
      binary("subtract", .subtract), binary("multiply", .multiply), binary("divide", .divide, right: 0.5...3),
      binary("power", .power, in: 0.1...3), binary("modulo fmod", .modulo(fmod: true), right: 0.5...3),
      binary("maximum", .maximum), binary("minimum", .minimum), binary("prelu", .prelu, [2, 3, 4, 5], [3, 1, 1]),
      binary("equal", .equal, [6, 7], [6, 7], .int32, in: -2...2), binary("less", .less),
      binary("lessOrEqual", .lessOrEqual), binary("greater", .greater), binary("greaterOrEqual", .greaterOrEqual),
      binary("and", .and, [6, 7], [7], .bool), binary("or", .or, [6, 7], [7], .bool),
      binary("xor", .xor, [6, 7], [7], .bool),
      binary("bitwiseAnd", .bitwiseAnd, [6, 7], [7], .uint8, in: 0...255),
      binary("bitwiseOr", .bitwiseOr, [6, 7], [7], .uint16, in: 0...65535),
      binary("bitwiseXor", .bitwiseXor, [6, 7], [7], .int32, in: -99...99),
      binary("shiftLeft", .shiftLeft, [6, 7], [7], .uint8, in: 0...255, right: 0...9),
      binary("shiftRight", .shiftRight, [6, 7], [7], .uint32, in: 0...9999, right: 0...40),
      binary("divide int32", .divide, [6, 7], [7], .int32, in: -99...99, right: -3...3),
      binary("modulo int64", .modulo(fmod: false), [6, 7], [7], .int64, in: -99...99, right: -5...5),
      binary("add uint8 wraps", .add, [6, 7], [7], .uint8, in: 100...255),
      binary("power int64", .power, [6, 7], [7], .int64, in: -4...4, right: -2...9),
      binary("multiply float64", .multiply, [6, 7], [7], .float64),
      OperatorCase("binary power mixed types") { builder in
        let x = try builder.input([3, 5], in: 0.1...3)
        let y = try builder.input([5], .int64, in: -2...3)
        return [builder.node(.binary(.power), x, y)]
      },
    ]

  private static let broadcasts: [OperatorCase] = [
    binary("add", .add), binary("add channel", .add, [2, 3, 4, 5], [1, 3, 1, 1]),
    binary("add scalar", .add, [2, 3, 4, 5], []), binary("add row", .add, [2, 3, 4, 5], [5]),
    binary("add column", .add, [4, 1], [2, 3, 1, 5]), binary("add both ways", .add, [3, 1, 5], [2, 1, 4, 1]),
    binary("add single", .add, [1, 1], [1]),
  ]
}
