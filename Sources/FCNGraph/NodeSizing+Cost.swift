import FCNTensor

extension NodeSizing {
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
      return 2 * x.count * weights.dims.dropFirst().reduce(1, *)
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
