import FCNTensor

extension GraphGeometry {
  /// Anchors the outputs of a node that do not grow by q for every p of the image: a cut of fixed size, or of a share
  /// of the image, ends somewhere else in a larger image. Source: GEOMETRY §3.4, Theorem 1.
  mutating func anchorWhereSizeStays(_ index: Int) {
    guard let other else { return }
    for (source, axis) in sources.enumerated() {
      let input = sized.graph.inputs[axis.input]
      let growth = other.type(input).shape[axis.axis] - axis.size
      for case let output? in sized.graph.nodes[index].outputs {
        guard case .local(var local) = dependence(source, output), local.extent == nil,
          !local.anchors.contains(where: { $0.cause == .imageSize }), growth % local.intervals.inputPeriod == 0,
          let larger = other.types[output.index]
        else { continue }
        let (m, got) = (sized.type(output).shape[local.axis], larger.shape[local.axis])
        if got - m == growth / local.intervals.inputPeriod * local.intervals.outputPeriod { continue }
        local.anchor(
          GeometryReason(
            node: index, .imageSize,
            "makes \(m) samples of \(axis.size) and \(got) of \(axis.size + growth): its size does not follow the image"
          ))
        dependences[source][output.index] = .local(local)
      }
    }
  }
}
