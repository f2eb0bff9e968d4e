package import FCNGraph

extension Node {
  /// Operators whose result is one of their inputs, or rounded once from it.
  package var isExact: Bool {
    switch op {
    case .pad, .slice, .part, .transpose, .expand, .tile, .depthToSpace, .spaceToDepth, .reshape, .concat, .gather,
      .select, .cast, .maxUnpool, .argReduce, .shape, .size, .constantOfShape, .range:
      return true
    case .pool(let pool):
      if case .max = pool.function { return true }
      return false
    case .resize(let resize):
      if case .nearest = resize.interpolation { return true }
      return false
    case .unary(let function): return [.identity, .relu, .negate, .absolute, .clip(low: 0, high: 3)].contains(function)
    case .binary(let function):
      return [.add, .subtract, .multiply, .divide, .maximum, .minimum].contains(function)
    case .reduce(let reduce): return reduce.function == .max || reduce.function == .min
    case .convolution, .convTranspose, .softmax, .normalize, .matMul, .gemm, .gridSample, .unsupported: return false
    }
  }
}
