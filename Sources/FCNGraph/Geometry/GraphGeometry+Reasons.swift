extension GraphGeometry {
  /// What node `index` does to an axis, in words.
  func reason(_ index: Int, _ cause: GeometryCause) -> GeometryReason {
    let op = sized.graph.nodes[index].op
    let text =
      switch cause {
      case .global, .position: GraphGeometry.reach(op)
      case .mixed:
        if case .reshape = op {
          "merges the axis with others, so that it can no longer be told apart"
        } else {
          "works along merged axes, in which this one can no longer be told apart"
        }
      case .imageSize: GraphGeometry.ratio(op)
      case .mirrored: "reverses the axis"
      case .data: "reads where its data say"
      case .unsupported: "is not supported"
      }
    return GeometryReason(node: index, GraphGeometry.adjusted(cause, op), text)
  }

  /// Sampling at constant places is a matter of position, not of the whole axis.
  private static func adjusted(_ cause: GeometryCause, _ op: Operator) -> GeometryCause {
    guard cause == .global else { return cause }
    if case .gridSample = op { return .position }
    if case .gather = op { return .position }
    if case .reshape = op { return .mixed }
    return cause
  }

  private static func ratio(_ op: Operator) -> String {
    if case .resize(let resize) = op {
      return resize.coordinates == .alignCorners
        ? "interpolates with aligned corners: the ratio (n − 1)/(m − 1) depends on the image size"
        : "interpolates with a ratio that depends on the image size"
    }
    if case .slice = op { return "cuts at a place that depends on the image size" }
    if case .pad = op { return "pads by an amount that depends on the image size" }
    if case .tile = op { return "repeats the whole image" }
    return "its geometry depends on the image size, or repeats beyond \(PeriodicIntervals.longestPeriod) samples"
  }

  private static func reach(_ op: Operator) -> String {
    switch op {
    case .reduce, .argReduce: "reduces over the whole axis"
    case .normalize: "normalises by statistics of the whole axis"
    case .softmax: "normalises over the whole axis"
    case .matMul, .gemm: "multiplies across the whole axis"
    case .reshape: "merges the axis with others, so that it can no longer be told apart"
    case .expand, .tile: "spreads one sample over the axis"
    case .gather: "picks fixed indices along the axis"
    case .gridSample: "samples at fixed coordinates"
    case .binary, .select: "spreads one sample, computed from the whole axis, over the axis"
    case .pool: "pools the whole axis"
    case .convolution, .convTranspose, .maxUnpool, .resize, .pad, .slice, .part, .unary, .cast, .concat,
      .transpose, .depthToSpace, .spaceToDepth, .shape, .size, .constantOfShape, .range, .unsupported:
      "depends on the whole axis"
    }
  }
}
