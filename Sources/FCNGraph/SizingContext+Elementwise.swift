import FCNTensor

extension SizingContext {
  /// Multidirectional broadcasting: right-aligned, sizes equal or 1.
  func broadcast(operands: Range<Int>, isPredicate: Bool) throws(GraphError) -> NodeSizing {
    var dims: [Int] = []
    for index in operands {
      let shape = try type(index).shape
      dims = try broadcast(dims, shape.dims, index)
    }
    let last = try type(operands.upperBound - 1)
    let before = try type(operands.upperBound - 2)
    guard before.elementType == last.elementType || allowsMixedTypes else {
      throw error(
        "input \(operands.upperBound - 1): expected \(before.elementType.rawValue), got \(last.elementType.rawValue)")
    }
    let elementType = isPredicate ? .bool : before.elementType
    var rules: [[AxisDependence]] = []
    for index in operands { rules.append(broadcastRule(try type(index).shape, to: dims)) }
    return sizing(TensorType(elementType, Shape(dims)), rules)
  }

  private var allowsMixedTypes: Bool {
    if case .binary(.power) = node.op { return true }
    return false
  }

  private func broadcast(_ a: [Int], _ b: [Int], _ index: Int) throws(GraphError) -> [Int] {
    let rank = max(a.count, b.count)
    var result: [Int] = []
    for axis in 0..<rank {
      let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
      let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
      guard x == y || x == 1 || y == 1 else {
        throw error(
          "input \(index) (\(name(index))): expected a shape that broadcasts with \(Shape(a)), got \(Shape(b))")
      }
      result.append(x == 1 ? y : x)
    }
    return result
  }

  func broadcastRule(_ shape: Shape, to dims: [Int]) -> [AxisDependence] {
    let offset = dims.count - shape.rank
    return (0..<shape.rank).map { axis in
      AxisDependence(axis + offset, shape[axis] == dims[axis + offset] ? .pointwise : .broadcast)
    }
  }

  func expand() throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let dims = try broadcast(x.shape.dims, try shapeInput(1).dims, 1)
    return sizing(TensorType(x.elementType, Shape(dims)), [broadcastRule(x.shape, to: dims)])
  }

  func tile() throws(GraphError) -> NodeSizing {
    let x = try type(0)
    guard let repeats = try integers(1), repeats.count == x.shape.rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw error("repeats: expected \(x.shape.rank) values ≥ 0")
    }
    var dims: [Int] = []
    for (n, count) in zip(x.shape.dims, repeats) { dims.append(try product([n, count])) }
    let rule = repeats.enumerated().map { AxisDependence($0, $1 == 1 ? .pointwise : .repeated) }
    return sizing(TensorType(x.elementType, Shape(dims)), [rule])
  }

  func reduceAxes(_ payload: Reduce) throws(GraphError) -> [Int] {
    let rank = try type(0).shape.rank
    switch payload.axes {
    case .attribute(let list): return list.isEmpty ? Array(0..<rank) : try axes(list, rank: rank)
    case .spatial:
      guard rank >= 2 else { throw error("input: expected [N, C, …], got rank \(rank)") }
      return Array(2..<max(rank, 2))
    case .input(let keepsWhenEmpty):
      let list = try integers(1) ?? []
      if list.isEmpty { return keepsWhenEmpty ? [] : Array(0..<rank) }
      return try axes(list, rank: rank)
    }
  }

  func reduce(_ payload: Reduce) throws(GraphError) -> NodeSizing {
    try reduced(try reduceAxes(payload), keeps: payload.keepsDimensions, to: try type(0).elementType)
  }

  func reduced(_ axes: [Int], keeps: Bool, to elementType: ElementType) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    var dims: [Int] = []
    var rule: [AxisDependence] = []
    for axis in 0..<x.shape.rank {
      if axes.contains(axis) {
        rule.append(.everything)
        if keeps { dims.append(1) }
      } else {
        rule.append(AxisDependence(dims.count, .pointwise))
        dims.append(x.shape[axis])
      }
    }
    return sizing(TensorType(elementType, Shape(dims)), [rule])
  }

  func softmax(_ payload: Softmax) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let rank = x.shape.rank
    let axis = payload.flattens && payload.axis == rank ? rank : try self.axis(payload.axis, rank: max(rank, 1))
    var rule = SizingContext.pointwise(rank)
    for index in 0..<rank where payload.flattens ? index >= axis : index == axis {
      rule[index] = .everything
    }
    return sizing(TensorType(x.elementType, x.shape), [rule])
  }

  func normalize(_ payload: Normalization) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let rank = x.shape.rank
    var rule = SizingContext.pointwise(rank)
    func checkParameters(_ inputs: ClosedRange<Int>, _ dims: [Int]) throws(GraphError) {
      for index in inputs where has(index) || index == inputs.lowerBound {
        let shape = try type(index).shape
        guard shape.dims == dims else {
          throw error("input \(index) (\(name(index))): expected shape \(dims), got \(shape)")
        }
      }
    }
    guard rank >= 1 else { throw error("input: expected rank ≥ 1") }
    switch payload {
    case .batch: try checkParameters(1...4, [rank > 1 ? x.shape[1] : 1])
    case .instance:
      guard rank >= 3 else { throw error("input: expected [N, C, …], got \(x.shape)") }
      try checkParameters(1...2, [x.shape[1]])
      for axis in 2..<rank { rule[axis] = .everything }
    case .layer(let axis, _):
      let from = try self.axis(axis, rank: rank)
      for index in from..<rank { rule[index] = .everything }
      for index in 1...2 where has(index) {
        let shape = try type(index).shape
        guard try broadcast(x.shape.dims, shape.dims, index) == x.shape.dims else {
          throw error("input \(index) (\(name(index))): expected a shape that broadcasts to \(x.shape), got \(shape)")
        }
      }
    case .group(let groups, _, let perGroup):
      guard rank >= 2, groups > 0, x.shape[1] % groups == 0 else {
        throw error("num_groups: expected a divisor of the \(rank > 1 ? x.shape[1] : 0) channels, got \(groups)")
      }
      try checkParameters(1...2, [perGroup ? groups : x.shape[1]])
      for axis in 1..<rank { rule[axis] = .everything }
    case .localResponse(let size, _, _, _):
      guard rank >= 2, size > 0 else { throw error("size: expected ≥ 1, got \(size)") }
      rule[1] = .everything
    case .lp(let axis, _): rule[try self.axis(axis, rank: rank)] = .everything
    case .meanVariance(let list): for axis in try axes(list, rank: rank) { rule[axis] = .everything }
    }
    return sizing(TensorType(x.elementType, x.shape), [rule])
  }
}
