import FCNTensor

extension SizingContext {
  func pad(_ mode: PadMode) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let rank = x.shape.rank
    let axes = try axes(try integers(3) ?? Array(0..<rank), rank: rank)
    guard let pads = try integers(1), pads.count == 2 * axes.count else {
      throw error("pads: expected \(2 * axes.count) values, got \(try integers(1)?.count ?? 0)")
    }
    guard pads.allSatisfy({ $0.magnitude <= Shape.largestDimension }) else { throw error("pads: got \(pads)") }
    if has(2) {
      let value = try type(2)
      guard value.elementType == x.elementType, value.shape.count == 1 else {
        throw error("constant_value: expected one \(x.elementType.rawValue), got \(value)")
      }
    }
    var dims = x.shape.dims
    var rule = SizingContext.pointwise(rank)
    let border: Border =
      switch mode {
      case .constant: .constant
      case .reflect: .reflect
      case .edge: .edge
      case .wrap: .wrap
      }
    for (index, axis) in axes.enumerated() {
      let low = pads[index]
      let high = pads[axes.count + index]
      dims[axis] += low + high
      guard dims[axis] >= 0 else { throw error("size along axis \(axis): expected ≥ 0, got \(dims[axis])") }
      if mode == .reflect, max(low, high) > 0, max(low, high) >= x.shape[axis] {
        throw error("reflect padding of \(max(low, high)): expected below the size \(x.shape[axis]) of axis \(axis)")
      }
      if mode != .constant, max(low, high) > 0, x.shape[axis] == 0 { throw error("padding of an empty axis \(axis)") }
      if low != 0 || high != 0 { rule[axis] = AxisDependence(axis, .padded(low: low, border: border)) }
    }
    return sizing(TensorType(x.elementType, Shape(dims)), [rule])
  }

  func slice() throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let rank = x.shape.rank
    guard let starts = try integers(1), let ends = try integers(2), starts.count == ends.count else {
      throw error("starts and ends: expected lists of one length")
    }
    let axes = try axes(try integers(3) ?? Array(0..<min(rank, starts.count)), rank: rank)
    let steps = try integers(4) ?? Array(repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count else {
      throw error("axes and steps: expected \(starts.count) values, got \(axes.count) and \(steps.count)")
    }
    var dims = x.shape.dims
    var rule = SizingContext.pointwise(rank)
    for (index, axis) in axes.enumerated() {
      let n = dims[axis]
      let step = steps[index]
      guard step != 0 else { throw error("steps: expected not 0, got 0") }
      // numpy's rule: negative positions count from the end, then clamp to [0, n] (forward) or [−1, n−1] (backward).
      func clamped(_ value: Int) -> Int {
        let position = value < 0 ? (value < -n ? -1 : value + n) : value
        return step > 0 ? min(max(position, 0), n) : min(max(position, -1), n - 1)
      }
      let step32 = max(-Shape.largestDimension, min(Shape.largestDimension, step))
      let start = clamped(starts[index])
      let end = ends[index] < -n ? (step > 0 ? 0 : -1) : clamped(ends[index])
      dims[axis] = step > 0 ? max(0, (end - start).dividedUp(by: step32)) : max(0, (start - end).dividedUp(by: -step32))
      if start != 0 || step != 1 || dims[axis] != n {
        rule[axis] = AxisDependence(axis, .strided(start: start, step: step32))
      }
    }
    return sizing(TensorType(x.elementType, Shape(dims)), [rule])
  }

  func part(_ payload: Part) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let axis = try axis(payload.axis, rank: x.shape.rank)
    let n = x.shape[axis]
    let chunk = n.dividedUp(by: payload.count)
    let sizes = try integers(1) ?? (0..<payload.count).map { max(0, min(chunk, n - $0 * chunk)) }
    guard sizes.count == payload.count, sizes.allSatisfy({ (0...n).contains($0) }), sizes.reduce(0, +) == n else {
      throw error("split: expected \(payload.count) sizes with sum \(n), got \(sizes)")
    }
    var shape = x.shape
    shape[axis] = sizes[payload.index]
    var rule = SizingContext.pointwise(shape.rank)
    rule[axis] = AxisDependence(axis, .strided(start: sizes[..<payload.index].reduce(0, +), step: 1))
    return sizing(TensorType(x.elementType, shape), [rule])
  }

  func concat(_ axis: Int) throws(GraphError) -> NodeSizing {
    let first = try type(0)
    let axis = try self.axis(axis, rank: first.shape.rank)
    var shape = first.shape
    shape[axis] = 0
    var rules: [[AxisDependence]] = []
    for index in node.inputs.indices {
      let x = try type(index)
      var expected = first.shape
      guard x.shape.rank == expected.rank else {
        throw error("input \(index): expected rank \(expected.rank), got \(x.shape)")
      }
      expected[axis] = x.shape[axis]
      guard x.shape == expected, x.elementType == first.elementType else {
        throw error("input \(index) (\(name(index))): expected \(first.elementType.rawValue) \(expected), got \(x)")
      }
      var rule = SizingContext.pointwise(shape.rank)
      rule[axis] = AxisDependence(axis, .placed(offset: shape[axis]))
      rules.append(rule)
      shape[axis] += x.shape[axis]
    }
    return sizing(TensorType(first.elementType, shape), rules)
  }

  func name(_ index: Int) -> String { node.input(index).map { graph[$0].name } ?? "" }

  func transpose(_ permutation: [Int]?) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let rank = x.shape.rank
    let order = try axes(permutation ?? Array((0..<rank).reversed()), rank: rank)
    guard order.count == rank else { throw error("perm: expected \(rank) axes, got \(order.count)") }
    var rule = SizingContext.everything(rank)
    for (to, from) in order.enumerated() { rule[from] = AxisDependence(to, .pointwise) }
    return sizing(TensorType(x.elementType, Shape(order.map { x.shape[$0] })), [rule])
  }

  func reshape(_ payload: Reshape) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let dims: [Int]
    switch payload {
    case .shape(let zeroIsZero): dims = try reshaped(x.shape, zeroIsZero: zeroIsZero)
    case .flatten(let axis):
      let at = axis == x.shape.rank ? axis : try self.axis(axis, rank: x.shape.rank)
      dims = [try product(Array(x.shape.dims[..<at])), try product(Array(x.shape.dims[at...]))]
    case .squeeze:
      let axes = try axes(
        try integers(1) ?? x.shape.dims.indices.filter { x.shape[$0] == 1 }, rank: x.shape.rank)
      for axis in axes where x.shape[axis] != 1 { throw error("axis \(axis): expected size 1, got \(x.shape[axis])") }
      dims = x.shape.dims.indices.filter { !axes.contains($0) }.map { x.shape[$0] }
    case .unsqueeze:
      let given = try integers(1) ?? []
      let rank = x.shape.rank + given.count
      guard rank <= 8 else { throw error("rank: expected at most 8, got \(rank)") }
      let axes = try axes(given, rank: rank)
      var rest = x.shape.dims[...]
      dims = (0..<rank).map { axes.contains($0) ? 1 : rest.popFirst()! }
    }
    return sizing(TensorType(x.elementType, Shape(dims)), [SizingContext.reshapeRule(x.shape.dims, dims)])
  }

  private func reshaped(_ shape: Shape, zeroIsZero: Bool) throws(GraphError) -> [Int] {
    guard var dims = try integers(1) else { throw error("the shape is missing") }
    for index in dims.indices where dims[index] == 0 && !zeroIsZero {
      guard index < shape.rank else { throw error("shape \(dims): 0 at \(index) copies an axis that \(shape) has not") }
      dims[index] = shape[index]
    }
    let free = dims.indices.filter { dims[$0] == -1 }
    guard free.count <= 1, dims.allSatisfy({ $0 >= -1 && $0 <= Shape.largestDimension }), dims.count <= 8 else {
      throw error("shape: expected sizes ≥ 0 and at most one −1, got \(dims)")
    }
    let count = try product(shape.dims)
    if let index = free.first {
      let others = try product(dims.filter { $0 != -1 })
      guard others > 0, count % others == 0 else { throw error("cannot reshape \(shape) to \(dims)") }
      dims[index] = count / others
    }
    guard try product(dims) == count else {
      throw error("cannot reshape \(shape) (\(count) elements) to \(Shape(dims)), a shape baked into the model")
    }
    return dims
  }

  /// Axes that keep their extent between equal leading products stay local; the others are wanted whole.
  static func reshapeRule(_ from: [Int], _ to: [Int]) -> [AxisDependence] {
    var rule = everything(from.count)
    if from.contains(0) || to.contains(0) { return rule }
    var (i, j) = (0, 0)
    while i < from.count && j < to.count {
      if from[i] == to[j] {
        rule[i] = AxisDependence(j, .pointwise)
        i += 1
        j += 1
      } else if from[i] == 1 {
        i += 1
      } else if to[j] == 1 {
        j += 1
      } else {
        // A group of axes with equal products on both sides.
        var (p, q) = (from[i], to[j])
        i += 1
        j += 1
        while p != q {
          if p < q, i < from.count {
            p *= from[i]; i += 1
          } else if j < to.count {
            q *= to[j]; j += 1
          } else {
            return rule
          }
        }
      }
    }
    return rule
  }

  func depthToSpace(_ block: Int) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    guard x.shape.rank == 4, block > 0, block < 1 << 15, x.shape[1] % (block * block) == 0 else {
      throw error("input: expected [N, C·\(block)², H, W], got \(x.shape)")
    }
    let shape = Shape([
      x.shape[0], x.shape[1] / (block * block), try product([x.shape[2], block]), try product([x.shape[3], block]),
    ])
    return sizing(
      TensorType(x.elementType, shape),
      [
        [
          AxisDependence(0, .pointwise), .everything, AxisDependence(2, .spread(block: block)),
          AxisDependence(3, .spread(block: block)),
        ]
      ])
  }

  func spaceToDepth(_ block: Int) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    guard x.shape.rank == 4, block > 0, block < 1 << 15, x.shape[2] % block == 0, x.shape[3] % block == 0 else {
      throw error("input: expected [N, C, H, W] with H and W multiples of \(block), got \(x.shape)")
    }
    let shape = Shape([
      x.shape[0], try product([x.shape[1], block, block]), x.shape[2] / block, x.shape[3] / block,
    ])
    return sizing(
      TensorType(x.elementType, shape),
      [
        [
          AxisDependence(0, .pointwise), .everything, AxisDependence(2, .gathered(block: block)),
          AxisDependence(3, .gathered(block: block)),
        ]
      ])
  }
}
