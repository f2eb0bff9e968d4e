import FCNGraph
import FCNTensor

extension OperatorTable {
  /// Axes are an attribute before `inputSince`, an input from then on.
  private static func reduce(_ name: String, _ function: ReduceFunction, _ last: Int, inputSince: Int = 18)
    -> SupportedOperator
  {
    SupportedOperator(name, 1, last) { (node) throws(ONNXError) in
      let keeps = try node.flag("keepdims", true)
      let axes: ReduceAxes
      if node.opset >= inputSince {
        try node.arity(1, 2)
        axes = .input(keepsWhenEmpty: try node.flag("noop_with_empty_axes"))
      } else {
        axes = .attribute(try node.ints("axes") ?? [])
      }
      node.emit(
        .reduce(Reduce(function: function, axes: axes, keepsDimensions: keeps)), [try node.input(0), node.optional(1)])
    }
  }

  private static func argument(_ name: String, isMaximum: Bool) -> SupportedOperator {
    SupportedOperator(name, 1, 13) { (node) throws(ONNXError) in
      let payload = ArgReduce(
        isMaximum: isMaximum, axis: try node.int("axis", 0), keepsDimensions: try node.flag("keepdims", true),
        selectsLast: try node.flag("select_last_index"))
      node.emit(.argReduce(payload), [try node.input(0)])
    }
  }

  private static func softmax(_ name: String, _ function: SoftmaxFunction) -> SupportedOperator {
    SupportedOperator(name, 1, 13) { (node) throws(ONNXError) in
      let old = node.opset < 13
      let payload = Softmax(function: function, axis: try node.int("axis", old ? 1 : -1), flattens: old)
      node.emit(.softmax(payload), [try node.input(0)])
    }
  }

  static let reductions: [SupportedOperator] = [
    reduce("ReduceSum", .sum, 13, inputSince: 13), reduce("ReduceMean", .mean, 18), reduce("ReduceMax", .max, 20),
    reduce("ReduceMin", .min, 20), reduce("ReduceProd", .product, 18), reduce("ReduceL1", .l1, 18),
    reduce("ReduceL2", .l2, 18), reduce("ReduceSumSquare", .sumSquare, 18), reduce("ReduceLogSum", .logSum, 18),
    reduce("ReduceLogSumExp", .logSumExp, 18), argument("ArgMax", isMaximum: true),
    argument("ArgMin", isMaximum: false), softmax("Softmax", .softmax), softmax("LogSoftmax", .logSoftmax),
    softmax("Hardmax", .hardmax),
  ]

  static let normalizations: [SupportedOperator] = [
    SupportedOperator("BatchNormalization", 1, 15) { (node) throws(ONNXError) in
      if try node.flag("training_mode") { throw node.unsupported("training_mode 1") }
      if node.opset < 9, try !node.flag("spatial", true) { throw node.unsupported("spatial 0") }
      for index in 0..<5 { _ = try node.input(index) }
      node.emit(
        .normalize(.batch(epsilon: try epsilon(node))), Array(node.inputs.prefix(5)), to: [try node.output()])
    },
    SupportedOperator("InstanceNormalization", 1, 22) { (node) throws(ONNXError) in
      try node.arity(3, 3)
      node.emit(.normalize(.instance(epsilon: try epsilon(node))), node.inputs)
    },
    SupportedOperator("LayerNormalization", 17, 17) { (node) throws(ONNXError) in
      try node.arity(2, 3)
      if node.outputs.dropFirst().contains(where: { $0 != nil }) {
        throw node.unsupported("mean and deviation outputs")
      }
      node.emit(
        .normalize(.layer(axis: try node.int("axis", -1), epsilon: try epsilon(node))), node.inputs,
        to: [try node.output()])
    },
    SupportedOperator("GroupNormalization", 18, 21) { (node) throws(ONNXError) in
      try node.arity(3, 3)
      node.emit(
        .normalize(
          .group(groups: try node.int("num_groups", 0), epsilon: try epsilon(node), perGroup: node.opset < 21)),
        node.inputs)
    },
    SupportedOperator("LRN", 1, 13) { (node) throws(ONNXError) in
      node.emit(
        .normalize(
          .localResponse(
            size: try node.int("size", 0), alpha: try node.real("alpha", Double(Float(0.0001))),
            beta: try node.real("beta", 0.75), bias: try node.real("bias", 1))), [try node.input(0)])
    },
    SupportedOperator("LpNormalization", 1, 22) { (node) throws(ONNXError) in
      let p = try node.int("p", 2)
      guard p == 1 || p == 2 else { throw node.invalid("p: expected 1 or 2, got \(p)") }
      node.emit(.normalize(.lp(axis: try node.int("axis", -1), p: p)), [try node.input(0)])
    },
    SupportedOperator("MeanVarianceNormalization", 9, 13) { (node) throws(ONNXError) in
      node.emit(.normalize(.meanVariance(axes: try node.ints("axes") ?? [0, 2, 3])), [try node.input(0)])
    },
  ]

  private static func epsilon(_ node: NodeImport) throws(ONNXError) -> Double {
    try node.real("epsilon", Double(Float(1e-5)))
  }
}
