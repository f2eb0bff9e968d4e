import FCNGraph
import FCNTensor

extension Adjoint {
  /// The transpose of each axis's weights, last axis first; nothing flows from extrapolated outputs.
  func resize(_ payload: Resize) -> [Double] {
    if case .nearest = payload.interpolation { return moved() }
    var flow = gradient
    var shape = forward.outputShape
    let rule = forward.sizing.rule.inputs[0]
    for (axis, dependence) in rule.enumerated() {
      if case .resample(let resampling) = dependence.rule { Adjoint.silence(&flow, shape, axis, resampling) }
    }
    for (axis, dependence) in rule.enumerated().reversed() {
      guard case .resample(let resampling) = dependence.rule else { continue }
      flow = Adjoint.resampled(flow, shape, axis, resampling)
      shape[axis] = resampling.inputSize
    }
    return flow
  }

  private static func silence(_ flow: inout [Double], _ shape: Shape, _ axis: Int, _ resampling: ResampleAxis) {
    let inner = shape.dims[(axis + 1)...].reduce(1, *)
    let outer = shape.dims[..<axis].reduce(1, *)
    for o in 0..<shape[axis] where resampling.extrapolates(o) {
      for row in 0..<outer {
        let start = (row * shape[axis] + o) * inner
        for index in start..<start + inner { flow[index] = 0 }
      }
    }
  }

  /// gx[i] = Σ_o weight(o, t)·gy[o] over the taps t of o that read i, beyond the edge the edge.
  private static func resampled(
    _ flow: [Double], _ shape: Shape, _ axis: Int, _ resampling: ResampleAxis
  ) -> [Double] {
    let (n, m) = (resampling.inputSize, shape[axis])
    let inner = shape.dims[(axis + 1)...].reduce(1, *)
    let outer = shape.dims[..<axis].reduce(1, *)
    var entries: [(i: Int, o: Int, weight: Double)] = []
    for o in 0..<m {
      for (tap, weight) in zip(resampling.taps(o), resampling.weights(o)) {
        entries.append((min(max(tap, 0), n - 1), o, weight))
      }
    }
    var result = [Double](repeating: 0, count: outer * n * inner)
    result.withUnsafeMutableBufferPointer { result in
      flow.withUnsafeBufferPointer { flow in
        entries.withUnsafeBufferPointer { entries in
          for row in 0..<outer {
            for (i, o, weight) in entries {
              let to = (row * n + i) * inner
              let from = (row * m + o) * inner
              for index in 0..<inner { result[to + index] += weight * flow[from + index] }
            }
          }
        }
      }
    }
    return result
  }

  /// To the samples of x that each grid point reads; none to the grid.
  func gridSample(_ payload: GridSample) -> [Double] {
    let x = forward.operand(0)
    let coordinates = forward.operand(1).values.doubles
    let rank = x.shape.rank - 2
    let strides = x.shape.strides
    let points = forward.outputShape.dims[2...].reduce(1, *)
    let channels = x.shape[1]
    var result = [Double](repeating: 0, count: x.shape.count)
    for n in 0..<x.shape[0] {
      for point in 0..<points {
        let at = (n * points + point) * rank
        var taps = [(offset: n * strides[0], weight: 1.0)]
        for axis in 0..<rank {
          let size = x.shape[axis + 2]
          let position = Evaluation.denormalized(coordinates[at + rank - 1 - axis], size, payload)
          let along = Evaluation.gridTaps(position, size, payload)
          taps = taps.flatMap { tap in along.map { (tap.offset + $0.index * strides[axis + 2], tap.weight * $0.weight) }
          }
        }
        for c in 0..<channels {
          let g = gradient[(n * channels + c) * points + point]
          for (offset, weight) in taps { result[offset + c * strides[1]] += weight * g }
        }
      }
    }
    return result
  }
}
