import FCNTensor

extension NodeSizing {
  /// Upper bound of what the reference does for the node, in elements read, made and multiplied (resampling counts 64
  /// taps). Saturates.
  package func operations(_ node: Node, inputs: [TensorType?]) -> Int {
    let read = inputs.reduce(0) { $0 + ($1?.shape.count ?? 0) }
    let made = outputs.reduce(0) { $0 + $1.shape.count }
    let perElement =
      switch node.op {
      case .pool(let payload): payload.window.kernel.reduce(1) { min($0, 1 << 30) * min($1, 1 << 30) }
      case .normalize(.localResponse(let size, _, _, _)): min(size, inputs.first??.shape.dims.dropFirst().first ?? 1)
      case .resize, .gridSample: 64
      case .convolution, .convTranspose, .maxUnpool, .pad, .slice, .part, .unary, .binary, .select, .cast, .reduce,
        .argReduce, .softmax, .normalize, .concat, .transpose, .reshape, .expand, .tile, .gather, .depthToSpace,
        .spaceToDepth, .matMul, .gemm, .shape, .size, .constantOfShape, .range, .unsupported:
        1
      }
    let (walked, overflow) = made.multipliedReportingOverflow(by: max(1, perElement))
    let sum = read.addingReportingOverflow(overflow ? .max : walked)
    return max(sum.overflow ? .max : sum.partialValue, flops(node, inputs: inputs))
  }

  /// Multiplications and additions of direct evaluation: 2·(terms of a sum)·outputs for convolutions and products, one
  /// per element otherwise.
  package func flops(_ node: Node, inputs: [TensorType?]) -> Int {
    let outputs = self.outputs.first?.shape.count ?? 0
    func terms(_ count: Int) -> Int {
      let (product, overflow) = outputs.multipliedReportingOverflow(by: 2 * count)
      return overflow ? .max : product
    }
    switch node.op {
    case .convolution:
      guard inputs.count > 1, let weights = inputs[1]?.shape else { return outputs }
      return terms(weights.dims.dropFirst().reduce(1, *))
    case .convTranspose:
      // Every input element meets every weight of its channel.
      guard inputs.count > 1, let x = inputs[0]?.shape, let weights = inputs[1]?.shape else { return outputs }
      let (product, overflow) = (2 * x.count).multipliedReportingOverflow(by: weights.dims.dropFirst().reduce(1, *))
      return overflow ? .max : product
    case .matMul, .gemm:
      guard let a = inputs.first ?? nil else { return outputs }
      if case .gemm(let payload) = node.op, payload.transposesA { return terms(a.shape.dims.first ?? 1) }
      return terms(a.shape.dims.last ?? 1)
    case .pool, .maxUnpool, .resize, .pad, .slice, .part, .unary, .binary, .select, .cast, .reduce, .argReduce,
      .softmax, .normalize, .concat, .transpose, .reshape, .expand, .tile, .gather, .depthToSpace, .spaceToDepth,
      .gridSample, .shape, .size, .constantOfShape, .range, .unsupported:
      return outputs
    }
  }
}

/// a + b, at most the largest integer.
package func saturatingSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}
