extension GraphGeometry {
  /// The image axis after a reshape: elements keep their order, so that position h of the axis is
  /// ⌊flat/stride⌋ mod extent before and after. Source: GEOMETRY §3.3, axis tracking.
  ///
  /// - An axis that is kept, or merged as an inner factor, is found again when the axes are split as before.
  /// - Merged as the outermost factor of b (pixel shuffle, windows put together): ⌊o/b⌋.
  /// - Split, of which the outermost part is coarse by b (windows taken apart): b·o … b·o + b − 1.
  mutating func reshaped(_ local: LocalDependence, from: [Int], to: [Int], _ index: Int) -> Dependence {
    if from.contains(0) || to.contains(0) { return .none }
    let extent = local.extent ?? from[local.axis]
    let stride = from[(local.axis + 1)...].reduce(local.inner, *)
    var outer = 1
    for axis in to.indices.reversed() {
      // Output axis `axis` steps by `outer` elements.
      let size = to[axis]
      defer { outer *= size }
      if size == 1 && extent > 1 { continue }
      if stride % outer == 0, size % (stride / outer * extent) == 0 {
        return placed(local, axis: axis, inner: stride / outer, extent: extent, size: size, index)
      }
      if local.extent == nil, outer % stride == 0, outer / stride * size == extent {
        return composed(.gathered(block: outer / stride), local, axis: axis, index)
      }
    }
    return .all([reason(index, .mixed)] + local.anchors)
  }

  private mutating func placed(
    _ local: LocalDependence, axis: Int, inner: Int, extent: Int, size: Int, _ index: Int
  ) -> Dependence {
    var result = local
    result.axis = axis
    result.inner = 1
    result.extent = nil
    if inner * extent == size {
      return inner == 1 ? .local(result) : composed(.spread(block: inner), result, axis: axis, index)
    }
    result.inner = inner
    result.extent = extent
    return .local(result)
  }

  private mutating func composed(
    _ rule: AxisRule, _ local: LocalDependence, axis: Int, _ index: Int
  ) -> Dependence {
    guard case .local(let outer, _) = rule.geometry(inputSize: 0) else {
      return .all([reason(index, .mixed)] + local.anchors)
    }
    let composed = self.composed(outer, local, index)
    guard case .local(var result) = composed else { return composed }
    result.axis = axis
    result.inner = 1
    result.extent = nil
    return .local(result)
  }
}
