import FCNGraph
import FCNTensor

extension OperatorTable {
  private static func unary(_ name: String, _ since: Int, _ last: Int, _ function: UnaryFunction) -> SupportedOperator {
    SupportedOperator(name, since, last) { (node) throws(ONNXError) in
      node.emit(.unary(function), [try node.input(0)], to: [try node.output()])
    }
  }

  private static func unary(
    _ name: String, _ since: Int, _ last: Int,
    _ function: @escaping @Sendable (NodeImport) throws(ONNXError) -> UnaryFunction
  ) -> SupportedOperator {
    SupportedOperator(name, since, last) { (node) throws(ONNXError) in
      node.emit(.unary(try function(node)), [try node.input(0)], to: [try node.output()])
    }
  }

  static let elementwise: [SupportedOperator] =
    activations + functions + [
      SupportedOperator("Clip", 1, 13) { (node) throws(ONNXError) in try clip(node) },
      SupportedOperator("Dropout", 1, 22) { (node) throws(ONNXError) in
        if node.outputs.count > 1, let mask = node.outputs[1] {
          // Nothing is dropped: all true, by a predicate that never holds.
          let none = node.value(
            .unary(.isInf(positive: false, negative: false)), [try node.input(0)], suffix: ".dropped")
          node.emit(.unary(.not), [none], to: [mask], suffix: ".mask")
        }
        if node.optional(2) != nil, node.constant(2)?.integers() != [0] { throw node.unsupported("training_mode") }
        node.emit(.unary(.identity), [try node.input(0)], to: [try node.output()])
      },
      SupportedOperator("Cast", 1, 28) { (node) throws(ONNXError) in
        guard let target = try castTarget(node) else { throw node.unsupported("the target element type") }
        node.emit(.cast(target), [try node.input(0)])
      },
      SupportedOperator("CastLike", 15, 28) { (node) throws(ONNXError) in
        guard let target = node.builder.values[try node.input(1).index].elementType else {
          throw node.unsupported("the target element type is not declared")
        }
        node.emit(.cast(target), [try node.input(0)])
      },
      SupportedOperator("PRelu", 1, 16) { (node) throws(ONNXError) in
        try node.arity(2, 2)
        var slope = try node.input(1)
        if node.opset < 7, let tensor = node.constant(1), tensor.shape.rank == 1, tensor.count > 1 {
          slope = try alongChannels(node, slope, axis: 1)
        }
        node.emit(.binary(.prelu), [try node.input(0), slope])
      },
    ]

  private static let activations: [SupportedOperator] = [
    unary("Identity", 1, 28, .identity), unary("Relu", 1, 14, .relu),
    unary("LeakyRelu", 1, 16) { (node) throws(ONNXError) in .leakyRelu(alpha: try node.real("alpha", 0.01)) },
    unary("Elu", 1, 22) { (node) throws(ONNXError) in .elu(alpha: try node.real("alpha", 1)) },
    unary("Celu", 12, 12) { (node) throws(ONNXError) in .celu(alpha: try node.real("alpha", 1)) },
    unary("Selu", 1, 22) { (node) throws(ONNXError) in
      let old = node.opset < 6
      return .selu(
        alpha: try node.real("alpha", old ? 1.6732 : 1.67326319217681884765625),
        gamma: try node.real("gamma", old ? 1.0507 : 1.05070102214813232421875))
    },
    unary("ThresholdedRelu", 1, 22) { (node) throws(ONNXError) in .thresholdedRelu(alpha: try node.real("alpha", 1)) },
    unary("Shrink", 9, 9) { (node) throws(ONNXError) in
      .shrink(bias: try node.real("bias", 0), lambda: try node.real("lambd", 0.5))
    },
    unary("Sigmoid", 1, 13, .sigmoid),
    unary("HardSigmoid", 1, 22) { (node) throws(ONNXError) in
      .hardSigmoid(alpha: try node.real("alpha", Double(Float(0.2))), beta: try node.real("beta", 0.5))
    },
    unary("HardSwish", 14, 22, .hardSwish),
    unary("Swish", 24, 24) { (node) throws(ONNXError) in .swish(alpha: try node.real("alpha", 1)) },
    unary("Mish", 18, 22, .mish),
    unary("Gelu", 20, 20) { (node) throws(ONNXError) in .gelu(tanh: try node.text("approximate", "none") == "tanh") },
    unary("Softplus", 1, 22, .softplus), unary("Softsign", 1, 22, .softsign), unary("Tanh", 1, 13, .tanh),
  ]

  private static let functions: [SupportedOperator] = [
    unary("Exp", 1, 13, .exp), unary("Log", 1, 13, .log), unary("Sqrt", 1, 13, .sqrt),
    unary("Reciprocal", 1, 13, .reciprocal), unary("Neg", 1, 13, .negate), unary("Abs", 1, 13, .absolute),
    unary("Floor", 1, 13, .floor), unary("Ceil", 1, 13, .ceil), unary("Round", 11, 22, .round),
    unary("Sign", 9, 13, .sign), unary("Erf", 9, 13, .erf), unary("Sin", 7, 22, .sin), unary("Cos", 7, 22, .cos),
    unary("Tan", 7, 22, .tan), unary("Asin", 7, 22, .asin), unary("Acos", 7, 22, .acos), unary("Atan", 7, 22, .atan),
    unary("Sinh", 9, 22, .sinh), unary("Cosh", 9, 22, .cosh), unary("Asinh", 9, 22, .asinh),
    unary("Acosh", 9, 22, .acosh), unary("Atanh", 9, 22, .atanh), unary("Not", 1, 1, .not),
    unary("BitwiseNot", 18, 18, .bitwiseNot), unary("IsNaN", 9, 20, .isNaN),
    unary("IsInf", 10, 20) { (node) throws(ONNXError) in
      .isInf(positive: try node.flag("detect_positive", true), negative: try node.flag("detect_negative", true))
    },
  ]

  /// Bounds as attributes (before 11) or constants become one function; bounds computed at run time max and min.
  private static func clip(_ node: NodeImport) throws(ONNXError) {
    let x = try node.input(0)
    if node.opset < 11 {
      let low = try node.real("min", -.infinity, allowsInfinite: true)
      let high = try node.real("max", .infinity, allowsInfinite: true)
      return node.emit(.unary(.clip(low: min(low, high), high: high)), [x])
    }
    try node.arity(1, 3)
    func bound(_ index: Int, _ fallback: Double) throws(ONNXError) -> Double? {
      guard node.optional(index) != nil else { return fallback }
      guard let tensor = node.constant(index) else { return nil }
      guard tensor.count == 1 else { throw node.invalid("input \(index): expected one number, got \(tensor.shape)") }
      return tensor.doubles()[0]
    }
    if let low = try bound(1, -.infinity), let high = try bound(2, .infinity) {
      // With crossed bounds the upper one wins.
      return node.emit(.unary(.clip(low: min(low, high), high: high)), [x])
    }
    var current = x
    if let low = node.optional(1) {
      if node.optional(2) == nil { return node.emit(.binary(.maximum), [x, low]) }
      current = node.value(.binary(.maximum), [x, low], suffix: ".low")
    }
    node.emit(.binary(.minimum), [current, node.optional(2)])
  }

  private static func castTarget(_ node: NodeImport) throws(ONNXError) -> ElementType? {
    if node.opset < 6, case .text(let name)? = node.attributes["to"]?.value {
      let names: [String: ElementType] = [
        "FLOAT": .float32, "DOUBLE": .float64, "FLOAT16": .float16, "INT8": .int8, "INT16": .int16, "INT32": .int32,
        "INT64": .int64, "UINT8": .uint8, "UINT16": .uint16, "UINT32": .uint32, "UINT64": .uint64, "BOOL": .bool,
      ]
      return names[name]
    }
    let code = try node.int("to", 0)
    return ProtoElementType(Int32(truncatingIfNeeded: code)).elementType
  }

  /// A value of rank 1 (or more) made to broadcast from `axis` on: trailing axes of size 1 are added.
  static func alongChannels(_ node: NodeImport, _ value: ValueID, axis: Int) throws(ONNXError) -> ValueID {
    guard let rank = node.builder.rank(try node.input(0)), let own = node.builder.rank(value) else {
      throw node.unsupported("broadcast along axis \(axis) of an input whose rank the model does not declare")
    }
    let start = axis < 0 ? axis + rank : axis
    let trailing = rank - max(start, -1) - own
    guard start >= 0, start <= rank, trailing >= 0 else {
      throw node.invalid("axis \(axis): rank \(own) does not fit into rank \(rank)")
    }
    if trailing == 0 { return value }
    let axes = try node.constant(integers: Array(own..<own + trailing), suffix: ".axes")
    return node.value(.reshape(.unsqueeze), [value, axes], suffix: ".broadcast")
  }
}
