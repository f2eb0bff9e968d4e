import FCNGraph
import FCNRuntime

/// A reduction over all positions of a map, in stages until one chunk is left (Shaders/reduce.comp).
struct SpatialReduction {
  enum Function: Int {
    case sum, maximum, minimum
    /// Σ(x − mean)²
    case squares
  }

  var function: Function
  /// Of the result.
  var factor: Float = 1
  /// `[N][C4]`, where squares are summed.
  var mean: Binding?
  /// Positions of a workgroup; by whole sizes only, since the order of a sum depends on it.
  private static let chunk = 1024

  /// Adds the stages.
  ///
  /// - Parameters:
  ///   - x: holds all positions.
  ///   - box: images and channels that are reduced.
  ///   - target: `[N][C4]` of the box.
  func add(_ x: DeviceTensor, _ box: DeviceTensor, to target: Binding, _ step: inout StepBuilder) throws(RuntimeError) {
    var push = PushBlock(box, source: x)
    for (index, extent) in [x.imageD, x.imageH, x.imageW].enumerated() {
      (push[2 + index], push[5 + index]) = (extent, 0)
    }
    var (positions, source, function) = (x.imageD * x.imageH * x.imageW, x.binding, function)
    while true {
      let chunks = positions.dividedUp(by: SpatialReduction.chunk)
      push.setParameters(chunks == 1 ? factor : 1, 0)
      push.setExtra(SpatialReduction.chunk, chunks)
      var dispatch = Dispatch("reduce", push, groups: [chunks, box.blocks.count, box.n.count])
      dispatch.constants = [ShaderConstant.op: function.rawValue]
      dispatch.bindings[1] = source
      dispatch.bindings[3] = mean
      let place = chunks == 1 ? target : step.scratch(floats: box.n.count * box.blocks.count * chunks * 4)
      dispatch.bindings[4] = place
      try step.add(dispatch, flops: positions * box.channels.count * box.n.count, activates: false)
      if chunks == 1 { return }
      // The chunks are the positions of the next stage, in one row.
      (source, positions) = (place, chunks)
      if function == .squares { function = .sum }
      (push[2], push[3], push[4]) = (1, 1, chunks)
      (push[9], push[10], push[11], push[12]) = (box.blocks.count, 1, 1, chunks)
      (push[13], push[14], push[15], push[16]) = (0, 0, 0, box.blocks.lowerBound)
    }
  }
}
