import FCNGraph
import FCNTensor

extension OperatorTable {
  static let products: [SupportedOperator] = [
    SupportedOperator("MatMul", 1, 13) { (node) throws(ONNXError) in
      try node.arity(2, 2)
      node.emit(.matMul, node.inputs)
    },
    SupportedOperator("Gemm", 1, 13) { (node) throws(ONNXError) in
      try node.arity(2, 3)
      let payload = Gemm(
        alpha: try node.real("alpha", 1), beta: try node.real("beta", 1), transposesA: try node.flag("transA"),
        transposesB: try node.flag("transB"))
      node.emit(.gemm(payload), node.inputs)
    },
  ]

  /// Operators of early exporters (CoreML, Caffe2) that ONNX dropped.
  static let legacy: [SupportedOperator] = [
    SupportedOperator("ImageScaler", 1, 1, removed: 10) { (node) throws(ONNXError) in
      let x = try node.input(0)
      let scale = try node.constant(
        reals: [try node.real("scale", 1)], shape: [], like: node.optional(0), suffix: ".scale")
      let bias = try node.reals("bias") ?? [0]
      let addend = try node.constant(reals: bias, shape: [bias.count, 1, 1], like: x, suffix: ".bias")
      let scaled = node.value(.binary(.multiply), [x, scale], suffix: ".scaled")
      node.emit(.binary(.add), [scaled, addend])
    },
    SupportedOperator("Affine", 1, 1, removed: 10) { (node) throws(ONNXError) in
      let alpha = try node.constant(
        reals: [try node.real("alpha", 1)], shape: [], like: node.optional(0), suffix: ".alpha")
      let beta = try node.constant(
        reals: [try node.real("beta", 0)], shape: [], like: node.optional(0), suffix: ".beta")
      let scaled = node.value(.binary(.multiply), [try node.input(0), alpha], suffix: ".scaled")
      node.emit(.binary(.add), [scaled, beta])
    },
    SupportedOperator("Crop", 1, 1, removed: 10) { (node) throws(ONNXError) in
      // border: left, top, right, bottom; scale: height, width of the result.
      guard let border = try node.ints("border"), border.count == 4, border.allSatisfy({ (0..<1 << 31).contains($0) })
      else { throw node.invalid("border: expected four sizes ≥ 0") }
      var ends = [border[3] == 0 ? Int(Int32.max) : -border[3], border[2] == 0 ? Int(Int32.max) : -border[2]]
      if let scale = try node.ints("scale") {
        guard scale.count == 2, scale.allSatisfy({ (0..<1 << 31).contains($0) }) else {
          throw node.invalid("scale: expected height and width")
        }
        ends = [border[1] + scale[0], border[0] + scale[1]]
      }
      node.emit(
        .slice,
        [
          try node.input(0), try node.constant(integers: [border[1], border[0]], suffix: ".starts"),
          try node.constant(integers: ends, suffix: ".ends"), try node.constant(integers: [2, 3], suffix: ".axes"),
        ])
    },
    SupportedOperator("ScaledTanh", 1, 1, removed: 10) { (node) throws(ONNXError) in
      let alpha = try node.constant(
        reals: [try node.real("alpha", 1)], shape: [], like: node.optional(0), suffix: ".alpha")
      let beta = try node.constant(
        reals: [try node.real("beta", 1)], shape: [], like: node.optional(0), suffix: ".beta")
      let scaled = node.value(.binary(.multiply), [try node.input(0), beta], suffix: ".scaled")
      let curved = node.value(.unary(.tanh), [scaled], suffix: ".tanh")
      node.emit(.binary(.multiply), [curved, alpha])
    },
  ]
}
