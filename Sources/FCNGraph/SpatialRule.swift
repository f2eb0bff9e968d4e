package import FCNTensor

/// How one axis of one input hangs on the output: which output axis drives it (nil: none does) and by which rule.
package struct AxisDependence: Sendable, Hashable {
  package var outputAxis: Int?
  package var rule: AxisRule

  package init(_ outputAxis: Int?, _ rule: AxisRule) {
    self.outputAxis = outputAxis
    self.rule = rule
  }

  /// The whole axis, whatever part of the output is wanted.
  package static let everything = AxisDependence(nil, .everything)
}

/// For every input of a sized node and every axis of it, how the output depends on it.
package struct SpatialRule: Sendable, Hashable {
  package var inputs: [[AxisDependence]]

  package init(_ inputs: [[AxisDependence]]) { self.inputs = inputs }

  /// The region of input `index`, of full shape `shape`, that the output region needs.
  package func request(_ output: Region, input index: Int, shape: Shape) -> Region {
    if output.isEmpty { return Region(shape.dims.map { _ in 0..<0 }) }
    return Region(
      inputs[index].enumerated().map { axis, dependence in
        guard let outputAxis = dependence.outputAxis else { return 0..<shape[axis] }
        return dependence.rule.request(output[outputAxis], inputSize: shape[axis])
      })
  }
}
