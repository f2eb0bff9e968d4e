import FCNTensor

extension SizingContext {
  /// The window along each spatial axis, SAME padding resolved: total = max(0, (⌈n/s⌉−1)s + e − n).
  func axes(_ window: Window, kernel: [Int], sizes: [Int], border: Border) throws(GraphError) -> [WindowAxis] {
    let rank = sizes.count
    func list(_ values: [Int], _ fallback: Int, _ what: String) throws(GraphError) -> [Int] {
      if values.isEmpty { return Array(repeating: fallback, count: rank) }
      guard values.count == rank else { throw error("\(what): expected \(rank) values, got \(values.count)") }
      return values
    }
    let kernel = try list(kernel, 1, "kernel_shape")
    let strides = try list(window.strides, 1, "strides")
    let dilations = try list(window.dilations, 1, "dilations")
    let limit = Shape.largestDimension
    for (values, what) in [(kernel, "kernel_shape"), (strides, "strides"), (dilations, "dilations")] {
      guard values.allSatisfy({ $0 > 0 && $0 <= limit }) else {
        throw error("\(what): expected values of 1…\(limit), got \(values)")
      }
    }
    // Every window is walked tap by tap somewhere; no model needs more.
    guard let taps = try? Shape(kernel).checkedCount(), taps <= 1 << 24 else {
      throw GraphError(
        .invalid, node: node.label, "kernel_shape: expected at most \(1 << 24) taps, got \(Shape(kernel))")
    }
    var low = [Int](repeating: 0, count: rank)
    var high = low
    if case .explicit(let first, let last) = window.padding {
      low = try list(first, 0, "pads")
      high = try list(last, 0, "pads")
      guard (low + high).allSatisfy({ $0.magnitude <= limit }) else { throw error("pads: got \(low + high)") }
    }
    var result: [WindowAxis] = []
    for axis in 0..<rank {
      var item = WindowAxis(
        kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], low: low[axis], high: high[axis],
        border: border)
      let total = max(0, (sizes[axis].dividedUp(by: item.stride) - 1) * item.stride + item.extent - sizes[axis])
      switch window.padding {
      case .explicit: break
      case .sameUpper: (item.low, item.high) = (total / 2, total - total / 2)
      case .sameLower: (item.low, item.high) = (total - total / 2, total / 2)
      }
      result.append(item)
    }
    return result
  }

  /// x and weights of a convolution, checked: spatial sizes and kernel.
  private func operands(_ window: Window) throws(GraphError) -> (x: TensorType, weights: TensorType, kernel: [Int]) {
    let x = try type(0)
    let weights = try type(1)
    guard x.shape.rank >= 3 else { throw error("input: expected rank ≥ 3 [N, C, …], got \(x.shape)") }
    try checkSpatialRank(x.shape)
    guard weights.shape.rank == x.shape.rank else {
      throw error("weights: expected rank \(x.shape.rank), got \(weights.shape)")
    }
    guard weights.elementType == x.elementType else {
      throw error("weights: expected \(x.elementType.rawValue), got \(weights.elementType.rawValue)")
    }
    let kernel = Array(weights.shape.dims[2...])
    guard window.kernel.isEmpty || window.kernel == kernel else {
      throw error("kernel_shape: expected \(kernel) (the weights), got \(window.kernel)")
    }
    return (x, weights, kernel)
  }

  /// Windows slide over one to three axes.
  private func checkSpatialRank(_ shape: Shape) throws(GraphError) {
    guard shape.rank <= 5 else {
      throw GraphError(.unsupported, node: node.label, "spatial axes: expected at most 3, got \(shape.rank - 2)")
    }
  }

  private func checkBias(_ channels: Int) throws(GraphError) {
    if has(2) {
      let bias = try type(2)
      let expected = try type(0).elementType
      guard bias.elementType == expected else {
        throw error("bias: expected \(expected.rawValue), got \(bias.elementType.rawValue)")
      }
      guard bias.shape.dims == [channels] else { throw error("bias: expected shape \(channels), got \(bias.shape)") }
    }
  }

  private func windowRules(_ axes: [WindowAxis], transposed: Bool, weightRank: Int) -> [[AxisDependence]] {
    var x = [AxisDependence(0, .pointwise), .everything]
    for (index, axis) in axes.enumerated() {
      x.append(AxisDependence(index + 2, transposed ? .transposedWindow(axis) : .window(axis)))
    }
    return [x, SizingContext.everything(weightRank), [.everything]]
  }

  func convolution(_ payload: Convolution) throws(GraphError) -> NodeSizing {
    let (x, weights, kernel) = try operands(payload.window)
    let groups = payload.groups
    guard groups > 0, weights.shape[0] % groups == 0, weights.shape[1] < Int(Int32.max) / groups,
      x.shape[1] == weights.shape[1] * groups
    else {
      throw error(
        "input channels: expected \(weights.shape[1]) × \(groups) groups, got \(x.shape[1]) (weights \(weights.shape))")
    }
    try checkBias(weights.shape[0])
    let axes = try axes(payload.window, kernel: kernel, sizes: Array(x.shape.dims[2...]), border: .zero)
    var dims = [x.shape[0], weights.shape[0]]
    for (axis, n) in zip(axes, x.shape.dims[2...]) {
      let size = axis.size(n)
      guard size > 0 else { throw error("input \(x.shape) is smaller than the window of \(axis.extent)") }
      dims.append(size)
    }
    return sizing(
      TensorType(x.elementType, Shape(dims)), windowRules(axes, transposed: false, weightRank: weights.shape.rank))
  }

  func convTranspose(_ payload: ConvTranspose) throws(GraphError) -> NodeSizing {
    let (x, weights, kernel) = try operands(payload.window)
    let groups = payload.groups
    guard groups > 0, x.shape[1] == weights.shape[0], x.shape[1] % groups == 0 else {
      throw error("input channels: expected \(weights.shape[0]), in \(groups) groups, got \(x.shape[1])")
    }
    let channels = try product([weights.shape[1], groups])
    try checkBias(channels)
    let spatial = Array(x.shape.dims[2...])
    var window = payload.window
    switch window.padding {
    case .explicit: break
    case .sameUpper, .sameLower: window.padding = .explicit(low: [], high: [])
    }
    var axes = try axes(window, kernel: kernel, sizes: spatial, border: .zero)
    var dims = [x.shape[0], channels]
    for (list, what) in [(payload.outputPadding, "output_padding"), (payload.outputShape ?? [], "output_shape")] {
      guard list.isEmpty || list.count == spatial.count else {
        throw error("\(what): expected \(spatial.count) values, got \(list.count)")
      }
    }
    for index in axes.indices {
      let extra = payload.outputPadding.isEmpty ? 0 : payload.outputPadding[index]
      guard extra >= 0, extra <= Shape.largestDimension else { throw error("output_padding: got \(extra)") }
      let size = try transposedAxis(&axes[index], n: spatial[index], extra: extra, index: index, payload)
      dims.append(size)
    }
    return sizing(
      TensorType(x.elementType, Shape(dims)), windowRules(axes, transposed: true, weightRank: weights.shape.rank))
  }

  /// Output size along one axis; resolves pads from `output_shape` or SAME: total = s(n−1) + opad + e − out.
  private func transposedAxis(
    _ axis: inout WindowAxis, n: Int, extra: Int, index: Int, _ payload: ConvTranspose
  ) throws(GraphError) -> Int {
    var wanted: Int?
    if let shape = payload.outputShape {
      guard index < shape.count else { throw error("output_shape: expected one size per spatial axis, got \(shape)") }
      wanted = shape[index]
    } else if case .explicit = payload.window.padding {
    } else {
      wanted = n * axis.stride
    }
    if let wanted {
      guard wanted > 0, wanted <= Shape.largestDimension else { throw error("output_shape: got \(wanted)") }
      let total = axis.stride * (n - 1) + extra + axis.extent - wanted
      // Only padding is split: where the output is larger than the windows reach, the rest is at the end.
      let padding = max(0, total)
      axis.low = payload.window.padding == .sameUpper ? padding / 2 : padding - padding / 2
      axis.high = total - axis.low
      return wanted
    }
    let size = axis.transposedSize(n, outputPadding: extra)
    guard size > 0 else { throw error("output size along axis \(index + 2): expected ≥ 1, got \(size)") }
    return size
  }

  func pool(_ payload: Pool) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    guard x.shape.rank >= 3 else { throw error("input: expected rank ≥ 3 [N, C, …], got \(x.shape)") }
    try checkSpatialRank(x.shape)
    let border: Border
    switch payload.function {
    case .max, .lp: border = .ignored
    case .average(let counts): border = counts ? .zero : .ignored
    }
    let axes = try axes(
      payload.window, kernel: payload.window.kernel, sizes: Array(x.shape.dims[2...]), border: border)
    var dims = Array(x.shape.dims[..<2])
    for (axis, n) in zip(axes, x.shape.dims[2...]) {
      let size = axis.size(n, roundsUp: payload.roundsUp)
      guard size > 0 else { throw error("input \(x.shape) is smaller than the window of \(axis.extent)") }
      dims.append(size)
    }
    var rule = [AxisDependence(0, .pointwise), AxisDependence(1, .pointwise)]
    for (index, axis) in axes.enumerated() { rule.append(AxisDependence(index + 2, .window(axis))) }
    var result = sizing(TensorType(x.elementType, Shape(dims)), [rule])
    if node.outputs.count > 1 { result.outputs.append(TensorType(.int64, Shape(dims))) }
    return result
  }

  func maxUnpool(_ payload: MaxUnpool) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    guard x.shape.rank >= 3, try type(1).shape == x.shape else {
      throw error("indices: expected shape \(x.shape), got \(try type(1).shape)")
    }
    let axes = try axes(
      payload.window, kernel: payload.window.kernel, sizes: Array(x.shape.dims[2...]), border: .zero)
    var dims = Array(x.shape.dims[..<2])
    for (axis, n) in zip(axes, x.shape.dims[2...]) { dims.append(axis.transposedSize(n, outputPadding: 0)) }
    if let wanted = try integers(2) {
      guard wanted.count == x.shape.rank else {
        throw error("output_shape: expected rank \(x.shape.rank), got \(wanted)")
      }
      dims = wanted
    }
    guard dims.allSatisfy({ $0 > 0 }) else { throw error("output size: expected ≥ 1, got \(Shape(dims))") }
    // The hull is local only if the indices come from a pooling with the same windows over the same grid.
    let isPaired = pairedPool(payload, output: dims)
    var rule = [AxisDependence(0, .pointwise), AxisDependence(1, .pointwise)]
    for (index, axis) in axes.enumerated() {
      rule.append(isPaired ? AxisDependence(index + 2, .transposedWindow(axis)) : .everything)
    }
    if !isPaired { rule[0] = .everything; rule[1] = .everything }
    return sizing(TensorType(x.elementType, Shape(dims)), [rule, rule])
  }

  private func pairedPool(_ payload: MaxUnpool, output dims: [Int]) -> Bool {
    guard let indices = node.input(1), indices.index < producers.count, let producer = producers[indices.index] else {
      return false
    }
    let other = graph.nodes[producer]
    guard case .pool(let pool) = other.op, case .max(columnMajor: false) = pool.function, !pool.roundsUp,
      let source = other.input(0), let type = allTypes[source.index]
    else { return false }
    return pool.window == payload.window && type.shape.dims == dims
  }
}
