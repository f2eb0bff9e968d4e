import FCNTensor

extension SizingContext {
  func matMul() throws(GraphError) -> NodeSizing {
    let a = try type(0)
    let b = try type(1)
    guard a.shape.rank >= 1, b.shape.rank >= 1 else { throw error("expected rank ≥ 1, got \(a.shape) and \(b.shape)") }
    var left = a.shape.dims
    var right = b.shape.dims
    if left.count == 1 { left.insert(1, at: 0) }
    if right.count == 1 { right.append(1) }
    guard left.last == right[right.count - 2], a.elementType == b.elementType else {
      throw error("inner sizes: expected equal, got \(a) and \(b)")
    }
    let outer = try broadcastBatch(Array(left.dropLast(2)), Array(right.dropLast(2)))
    var dims = outer
    if a.shape.rank > 1 { dims.append(left[left.count - 2]) }
    if b.shape.rank > 1 { dims.append(right[right.count - 1]) }
    // Rows follow the left operand; batches are wanted where the output wants them.
    var leftRule = SizingContext.everything(a.shape.rank)
    if a.shape.rank > 1 { leftRule[a.shape.rank - 2] = AxisDependence(outer.count, .pointwise) }
    return sizing(TensorType(a.elementType, Shape(dims)), [leftRule, SizingContext.everything(b.shape.rank)])
  }

  private func broadcastBatch(_ a: [Int], _ b: [Int]) throws(GraphError) -> [Int] {
    let rank = max(a.count, b.count)
    let left = Array(repeating: 1, count: rank - a.count) + a
    let right = Array(repeating: 1, count: rank - b.count) + b
    for (x, y) in zip(left, right) where x != y && x != 1 && y != 1 {
      throw error("batch sizes \(a) and \(b) do not broadcast")
    }
    return zip(left, right).map { $0 == 1 ? $1 : $0 }
  }

  func gemm(_ payload: Gemm) throws(GraphError) -> NodeSizing {
    let a = try type(0)
    let b = try type(1)
    guard a.shape.rank == 2, b.shape.rank == 2, a.elementType == b.elementType else {
      throw error("expected two matrices of one type, got \(a) and \(b)")
    }
    let m = a.shape[payload.transposesA ? 1 : 0]
    let k = a.shape[payload.transposesA ? 0 : 1]
    let n = b.shape[payload.transposesB ? 0 : 1]
    guard b.shape[payload.transposesB ? 1 : 0] == k else { throw error("inner sizes: expected \(k), got \(b.shape)") }
    if has(2) {
      guard try type(2).elementType == a.elementType else {
        throw error("C: expected \(a.elementType.rawValue), got \(try type(2))")
      }
      let c = Array(repeating: 1, count: max(0, 2 - (try type(2).shape.rank))) + (try type(2).shape.dims)
      guard c.count == 2, c[0] == 1 || c[0] == m, c[1] == 1 || c[1] == n else {
        throw error("C: expected a shape that broadcasts to \(m)x\(n), got \(try type(2).shape)")
      }
    }
    return sizing(TensorType(a.elementType, [m, n]), [])
  }

  func gather(_ axis: Int) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let indices = try type(1)
    let axis = try self.axis(axis, rank: x.shape.rank)
    let dims = x.shape.dims[..<axis] + indices.shape.dims + x.shape.dims[(axis + 1)...]
    var rule = SizingContext.everything(x.shape.rank)
    for index in 0..<x.shape.rank where index != axis {
      rule[index] = AxisDependence(index < axis ? index : index + indices.shape.rank - 1, .pointwise)
    }
    let indexRule = (0..<indices.shape.rank).map { AxisDependence(axis + $0, .pointwise) }
    return sizing(TensorType(x.elementType, Shape(Array(dims))), [rule, indexRule])
  }

  func range() throws(GraphError) -> NodeSizing {
    let type = try type(0)
    guard let start = reals(0)?.first, let limit = reals(1)?.first, let delta = reals(2)?.first, delta != 0 else {
      throw error("start, limit and delta: expected numbers, delta not 0")
    }
    let count = ((limit - start) / delta).rounded(.up)
    guard count <= Double(Shape.largestDimension) else {
      throw GraphError(.limit, node: node.label, "\(count) elements")
    }
    return sizing(TensorType(type.elementType, [Int(max(0, count))]), [])
  }
}
