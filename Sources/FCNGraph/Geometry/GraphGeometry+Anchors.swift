import FCNTensor

extension GraphGeometry {
  /// The dependence of a node's output where something of fixed position joins an image that moves: a constant that
  /// varies along the axis, an input of coordinates or a mask, parts of the image laid side by side. Nil: nothing does.
  ///
  /// A constant that repeats lengthens the period instead. Source: GEOMETRY §3.3, §4.2 E4.
  func anchor(_ index: Int, _ source: Int) -> Dependence? {
    let node = sized.graph.nodes[index]
    guard !fixedInputs.contains(sources[source].input), let rule = rules[index], let output = node.outputs.first ?? nil,
      case .local(var local) = dependence(source, output)
    else { return nil }
    let before = local
    for (place, input) in node.inputs.enumerated() {
      guard let input else { continue }
      if isMoving(input) {
        let isPart = rule.inputs[place].contains { $0.outputAxis == local.axis && isOffset($0.rule) }
        if isPart && parts(index, local.axis) > 1 {
          local.anchors = Dependence.merged(
            local.anchors, [GeometryReason(node: index, .position, "lays parts of the image side by side")])
        }
        continue
      }
      for (axis, link) in rule.inputs[place].enumerated() where link.outputAxis == local.axis {
        guard link.rule == .pointwise else { continue }
        let period = local.extent == nil ? self.period(input, axis) : nil
        if let period, let lifted = local.intervals.lifted(toMultipleOf: period) {
          local.intervals = lifted
          continue
        }
        let what = sized.graph[input].name
        let text =
          dependences.contains { $0[input.index] != .none }
          ? "joins \(what), an input that does not move with the image: equivariance is given up on purpose"
          : "joins \(what), a constant that varies along the axis: equivariance is given up on purpose"
        local.anchors = Dependence.merged(local.anchors, [GeometryReason(node: index, .position, text)])
      }
    }
    return local == before ? nil : .local(local)
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
  private func period(_ id: ValueID, _ axis: Int) -> Int? {
    let size = sized.type(id).shape[axis]
    if size == 1 { return 1 }
    if let constant = sized.constant(id) { return constant.period(along: axis) }
    return nil
  }
}

extension HostTensor {
  /// The smallest t, at most half the size, with x[i + t] = x[i] along `axis`; nil: none.
  fileprivate func period(along axis: Int) -> Int? {
    let size = shape[axis]
    let inner = shape.strides[axis]
    let block = inner * size
    let values = doubles()
    func repeats(_ t: Int) -> Bool {
      var start = 0
      while start < values.count {
        for offset in start..<start + block - t * inner where values[offset] != values[offset + t * inner] {
          return false
        }
        start += block
      }
      return true
    }
    if values.isEmpty { return 1 }
    return (1...max(1, size / 2)).first(where: repeats)
  }
}
