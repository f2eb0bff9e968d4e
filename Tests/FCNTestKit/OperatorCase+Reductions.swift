import FCNGraph
import FCNTensor

extension OperatorCase {
  static func reduce(
    _ name: String, _ payload: Reduce, _ dims: [Int], _ type: ElementType = .float32, axes: [Int]? = nil,
    in range: ClosedRange<Double> = -2...2
  ) -> OperatorCase {
    OperatorCase("reduce \(name)", reduction: dims.reduce(1, *)) { builder in
      let x = try builder.input(dims, type, in: range)
      let list = try axes.map { try builder.list($0) }
      return [builder.node(.reduce(payload), x, list)]
    }
  }

  static func single(_ name: String, _ op: Operator, _ dims: [Int], reduction: Int = 1) -> OperatorCase {
    OperatorCase(name, reduction: reduction) { builder in [builder.node(op, try builder.input(dims, in: -3...3))] }
  }

  static let reductions: [OperatorCase] =
    reduceFunctions + [
      reduce("global mean", Reduce(function: .mean, axes: .spatial), [2, 3, 9, 131]),
      reduce("global max", Reduce(function: .max, axes: .spatial), [2, 3, 9, 11]),
      reduce("global sum 1-D", Reduce(function: .sum, axes: .spatial), [2, 3, 200]),
      reduce("mean channels", Reduce(function: .mean, axes: .attribute([1])), [2, 5, 4, 6]),
      reduce("sum dropped", Reduce(function: .sum, axes: .attribute([0, -1]), keepsDimensions: false), [3, 4, 5]),
      reduce("all", Reduce(function: .sum, axes: .input(keepsWhenEmpty: false)), [3, 4, 5]),
      reduce("nothing", Reduce(function: .sum, axes: .input(keepsWhenEmpty: true)), [3, 4], axes: []),
      reduce("axes input", Reduce(function: .mean, axes: .input(keepsWhenEmpty: false)), [3, 4, 5], axes: [-2]),
      reduce("sum int64", Reduce(function: .sum, axes: .attribute([1])), [3, 4, 5], .int64, in: -99...99),
      reduce("mean int32", Reduce(function: .mean, axes: .attribute([1])), [3, 4, 5], .int32, in: -99...99),
      reduce("max uint8", Reduce(function: .max, axes: .attribute([2])), [3, 4, 5], .uint8, in: 0...255),
      single("argMax", .argReduce(ArgReduce(isMaximum: true, axis: 1)), [2, 5, 4, 6]),
      single("argMax dropped", .argReduce(ArgReduce(isMaximum: true, axis: 1, keepsDimensions: false)), [2, 5, 4, 6]),
      single("argMin last", .argReduce(ArgReduce(isMaximum: false, axis: -1, selectsLast: true)), [2, 5, 4]),
      single("argMax of nothing", .argReduce(ArgReduce(isMaximum: true, axis: 1)), [2, 0, 3, 4]),
      single("argMax rows", .argReduce(ArgReduce(isMaximum: true, axis: 1)), [2, 21, 3, 67]),
      single(
        "argMin planes", .argReduce(ArgReduce(isMaximum: false, axis: -3, keepsDimensions: false)), [2, 3, 5, 130]),
    ] + softmaxes

  private static let reduceFunctions: [OperatorCase] = [
    ReduceFunction.sum, .mean, .max, .min, .product, .l1, .l2, .sumSquare, .logSum, .logSumExp,
  ].map { function in
    reduce(
      "\(function)", Reduce(function: function, axes: .attribute([1, 3])), [2, 3, 4, 5],
      in: function == .logSum ? 0.1...2 : -2...2)
  }

  private static let softmaxes: [OperatorCase] = [SoftmaxFunction.softmax, .logSoftmax, .hardmax].flatMap { function in
    [
      single("\(function) channels", .softmax(Softmax(function: function, axis: 1)), [2, 5, 4, 6], reduction: 5),
      single("\(function) last", .softmax(Softmax(function: function, axis: -1)), [3, 70], reduction: 70),
      single(
        "\(function) flattening", .softmax(Softmax(function: function, axis: 1, flattens: true)), [2, 3, 4, 2],
        reduction: 24),
    ]
  }

  /// x with `scales` parameters of shape `parameter` (the variance positive).
  static func normalized(
    _ name: String, _ payload: Normalization, _ dims: [Int], parameters count: Int, _ parameter: [Int]
  ) -> OperatorCase {
    OperatorCase("normalize \(name)", reduction: 16) { builder in
      var inputs: [ValueID?] = [try builder.input(dims, in: -3...3)]
      for index in 0..<count { inputs.append(try builder.weights(parameter, in: index == 3 ? 0.2...2 : -1...1)) }
      return builder.nodes(.normalize(payload), inputs, outputs: 1)
    }
  }

  static let normalizations: [OperatorCase] = [
    normalized("batch", .batch(epsilon: 1e-5), [2, 3, 4, 5], parameters: 4, [3]),
    normalized("batch 1-D", .batch(epsilon: 1e-3), [4, 3], parameters: 4, [3]),
    normalized("instance", .instance(epsilon: 1e-5), [2, 3, 7, 70], parameters: 2, [3]),
    normalized("instance 3-D", .instance(epsilon: 1e-5), [1, 2, 3, 4, 5], parameters: 2, [2]),
    normalized("layer last", .layer(axis: -1, epsilon: 1e-5), [2, 3, 8], parameters: 2, [8]),
    normalized("layer no bias", .layer(axis: 1, epsilon: 1e-5), [2, 3, 8], parameters: 1, [3, 8]),
    normalized(
      "group per channel", .group(groups: 2, epsilon: 1e-5, perGroup: false), [2, 4, 3, 5], parameters: 2, [4]),
    normalized("group per group", .group(groups: 2, epsilon: 1e-5, perGroup: true), [2, 4, 3, 5], parameters: 2, [2]),
    normalized(
      "local response", .localResponse(size: 3, alpha: 0.1, beta: 0.75, bias: 1), [1, 7, 4, 5], parameters: 0, []),
    normalized(
      "local response even", .localResponse(size: 4, alpha: 0.1, beta: 0.75, bias: 1), [1, 7, 4, 5], parameters: 0, []),
    normalized("l1", .lp(axis: 1, p: 1), [2, 5, 4], parameters: 0, []),
    normalized("l2", .lp(axis: -1, p: 2), [2, 5, 4], parameters: 0, []),
    normalized("mean variance", .meanVariance(axes: [0, 2, 3]), [2, 3, 4, 5], parameters: 0, []),
  ]
}
