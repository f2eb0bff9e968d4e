import FCNTensor

extension GraphGeometry {
  /// The dependence of a node's output where something of fixed position joins an image that moves: a constant that
  /// varies along the axis or follows from the image size, an input of coordinates or a mask, parts of the image laid
  /// side by side. Nil: nothing does.
  ///
  /// A constant that repeats lengthens the period instead. Source: GEOMETRY §3.3, §4.2 E4.
  mutating func anchor(_ index: Int, _ source: Int) -> Dependence? {
    let node = sized.graph.nodes[index]
    guard !fixedInputs.contains(sources[source].input), let rule = rules[index], let output = node.outputs.first ?? nil,
      case .local(var local) = dependence(source, output)
    else { return nil }
    let before = local
    if parts(index, local.axis) > 1 {
      local.anchor(GeometryReason(node: index, .position, "lays parts of the image side by side"))
    }
    for (place, input) in node.inputs.enumerated() {
      guard let input, !isMoving(input) else { continue }
      if followsSize(input, node.op, place) {
        local.anchor(GeometryReason(node: index, .imageSize, "uses a number that depends on the image size"))
      }
      for (axis, link) in links(rule, index, place).enumerated() where link.outputAxis == local.axis {
        guard link.rule == .pointwise else { continue }
        let period = local.extent == nil ? self.period(input, axis) : nil
        if let period, let lifted = local.intervals.lifted(toMultipleOf: period),
          period == 1 || spend(lifted.outputPeriod * PeriodicIntervals.phaseCost)
        {
          local.intervals = lifted
          continue
        }
        let what = sized.graph[input].name
        let text =
          dependences.contains { $0[input.index] != .none }
          ? "joins \(what), an input that does not move with the image: equivariance is given up on purpose"
          : "joins \(what), a constant that varies along the axis: equivariance is given up on purpose"
        local.anchor(GeometryReason(node: index, .position, text))
      }
    }
    return local == before ? nil : .local(local)
  }

  /// The rule of input `place`. A normalisation wants its parameters whole, but element by element they belong to
  /// positions: of axis 1, or of the last axes (LayerNormalization).
  private func links(_ rule: SpatialRule, _ index: Int, _ place: Int) -> [AxisDependence] {
    guard place > 0, case .normalize(let payload) = sized.graph.nodes[index].op,
      let input = sized.graph.nodes[index].inputs[place]
    else { return rule.inputs[place] }
    let rank = sized.type(input).shape.rank
    switch payload {
    case .batch, .instance: return [AxisDependence(1, .pointwise)]
    case .layer:
      let first = rule.inputs[0].count - rank
      return (0..<rank).map { AxisDependence(first + $0, .pointwise) }
    case .group, .localResponse, .lp, .meanVariance: return rule.inputs[place]
    }
  }

  private func isOffset(_ rule: AxisRule) -> Bool { if case .placed = rule { true } else { false } }

  /// Inputs of the image that a concatenation lays side by side along `axis`.
  private func parts(_ index: Int, _ axis: Int) -> Int {
    let node = sized.graph.nodes[index]
    guard let rule = rules[index] else { return 0 }
    return node.inputs.enumerated().count { place, input in
      guard let input, isMoving(input) else { return false }
      return rule.inputs[place].contains { $0.outputAxis == axis && isOffset($0.rule) }
    }
  }

  /// Whether a value depends on an input that moves with the image.
  func isMoving(_ id: ValueID) -> Bool {
    sources.indices.contains { !fixedInputs.contains(sources[$0].input) && dependence($0, id) != .none }
  }

  /// After how many samples along `axis` a value that is no function of the image repeats; 1: it is uniform; nil: it
  /// does not, or cannot be told.
  private mutating func period(_ id: ValueID, _ axis: Int) -> Int? {
    if sized.type(id).shape[axis] == 1 { return 1 }
    guard let constant = sized.constant(id) else { return nil }
    let place = ConstantFacts.Place(value: id, axis: axis)
    if let known = constants.periods[place] { return known }
    let period = constant.period(along: axis)
    constants.periods[place] = .some(period)
    return period
  }

  /// Whether operand `place` is a number computed from sizes that is another one at the other size. Of a list of
  /// another shape the first element tells. Inputs that decide shapes do not count: their rules tell.
  private mutating func followsSize(_ id: ValueID, _ op: Operator, _ place: Int) -> Bool {
    guard sized.graph[id].constant == nil, let here = sized.constant(id), let there = other?.constant(id) else {
      return false
    }
    var isParameter = op.parameterInputs.contains(place)
    if case .pad = op, place == 2 { isParameter = false }
    if isParameter { return false }
    if let known = constants.followSize[id] { return known }
    let (a, b) = (here.doubles(), there.doubles())
    let isSame = here.shape == there.shape ? a.elementsEqual(b, by: isSameNumber) : a.first == b.first
    constants.followSize[id] = !isSame
    return !isSame
  }
}

private func isSameNumber(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }

/// Found out once for each constant.
struct ConstantFacts: Sendable {
  struct Place: Hashable, Sendable {
    var value: ValueID
    var axis: Int
  }

  var periods: [Place: Int?] = [:]
  var followSize: [ValueID: Bool] = [:]
}

extension HostTensor {
  /// The smallest t, at most half the size, with x[i + t] = x[i] along `axis`; nil: none.
  ///
  /// By the longest border of the axis (Knuth, Morris, Pratt 1977, the failure function). Cost: the elements.
  fileprivate func period(along axis: Int) -> Int? {
    let size = shape[axis]
    let inner = shape.strides[axis]
    let block = inner * size
    let values = doubles()
    if values.isEmpty || size == 1 { return 1 }
    func isSame(_ i: Int, _ j: Int) -> Bool {
      for start in stride(from: 0, to: values.count, by: block) {
        for offset in start..<start + inner where values[offset + i * inner] != values[offset + j * inner] {
          return false
        }
      }
      return true
    }
    var borders = [0]
    for i in 1..<size {
      var length = borders[i - 1]
      while length > 0 && !isSame(i, length) { length = borders[length - 1] }
      borders.append(isSame(i, length) ? length + 1 : 0)
    }
    let period = size - borders[size - 1]
    return period <= size / 2 ? period : nil
  }
}
