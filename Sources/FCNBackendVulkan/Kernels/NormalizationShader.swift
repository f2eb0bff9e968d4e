import FCNGraph
import FCNRuntime
import FCNTensor

/// Batch, instance and group normalisation: y = (x − μ)·a + b with one μ, a and b for each channel, of constants or of
/// statistics over space and the channels of a group.
enum NormalizationShader: VulkanKernel {
  static let name = "normalize"
  private static let width = 256
  /// Channels of a group that the shader sums in one invocation.
  private static let largestGroup = 4096

  static func absorbs(_ code: Int) -> Bool { FusedStore.codes.contains(code) }

  /// Channels of a group whose statistics are taken; nil: they are constants.
  private static func members(_ normalization: Normalization, _ channels: Int) -> Int? {
    switch normalization {
    case .instance: 1
    case .group(let groups, _, _): channels / max(1, groups)
    case .batch, .layer, .localResponse, .lp, .meanVariance: nil
    }
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .normalize(let normalization) = candidate.node.op else { return .notOnDevice(name, "no normalisation") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    let parameters: Int
    switch normalization {
    case .batch: parameters = 4
    case .instance, .group: parameters = 2
    case .layer, .localResponse, .lp, .meanVariance: return .notOnDevice(name, "no batch, instance or group")
    }
    if (1...parameters).contains(where: { candidate.constant($0)?.elementType.isFloat != true }) {
      return .notOnDevice(name, "parameters are computed at run time")
    }
    var offer = KernelOffer.onDevice(name)
    offer.absorbsActivation = true
    offer.isInPlace = true
    offer.packsInputs = Set(1...parameters)
    let shape = candidate.output.shape
    if let members = members(normalization, shape[1]) {
      if members > largestGroup { return .notOnDevice(name, "groups of \(members) channels") }
      // Statistics take all channels together.
      offer.grain = shape.dims.enumerated().map { $0 == 1 ? $1 : 1 }
    }
    return offer
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .normalize(let normalization) = candidate.node.op, let x = step.input(0), let y = step.output() else {
      return
    }
    var push = PushBlock(y, source: x)
    let isSame = x.holdsSame(as: y)
    if isSame { push.flatten() }
    let table: Binding
    switch normalization {
    case .batch(let epsilon): table = constants(candidate, epsilon, &step)
    case .instance(let epsilon), .group(_, let epsilon, _):
      push[24] = 3 * y.blocks.count
      table = try statistics(candidate, normalization, epsilon, x, y, &step)
    case .layer, .localResponse, .lp, .meanVariance: preconditionFailure("was refused")
    }
    var dispatch = Dispatch("affine", push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = [ShaderConstant.flags: isSame ? 1 : 0]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[2] = table
    dispatch.bindings[4] = y.binding
    try step.add(dispatch)
  }

  /// `[C4][3]` vectors of all channels.
  private static func constants(
    _ candidate: VulkanCandidate, _ epsilon: Double, _ step: inout StepBuilder
  ) -> Binding {
    let values = (1...4).map { candidate.constant($0)! }
    let count = values[0].count.dividedUp(by: 4) * 12
    return step.pack("table", count: count) { target in
      target.update(repeating: 0)
      let (scale, bias, mean, variance) = (
        values[0].doubles(), values[1].doubles(), values[2].doubles(), values[3].doubles()
      )
      for c in scale.indices {
        let place = c / 4 * 12 + c % 4
        target[place] = Float(mean[c])
        target[place + 4] = Float(scale[c] / (variance[c] + epsilon).squareRoot())
        target[place + 8] = Float(bias[c])
      }
    }
  }

  /// `[N][C4][3]` vectors of the box, made on the device.
  private static func statistics(
    _ candidate: VulkanCandidate, _ normalization: Normalization, _ epsilon: Double, _ x: DeviceTensor,
    _ y: DeviceTensor, _ step: inout StepBuilder
  ) throws(RuntimeError) -> Binding {
    let floats = y.n.count * y.blocks.count * 4
    let factor = Float(1 / Double(x.imageD * x.imageH * x.imageW))
    let (mean, variance, table) = (
      step.scratch(floats: floats), step.scratch(floats: floats), step.scratch(floats: 3 * floats)
    )
    try SpatialReduction(function: .sum, factor: factor).add(x, y, to: mean, &step)
    try SpatialReduction(function: .squares, factor: factor, mean: mean).add(x, y, to: variance, &step)
    let members = members(normalization, y.imageChannels)!
    let isPerGroup = if case .group(_, _, let perGroup) = normalization { perGroup } else { false }
    var push = PushBlock()
    (push[0], push[1], push[20], push[24]) = (y.n.count, y.blocks.count, y.imageChannels, members)
    push.setParameters(Float(epsilon), 0)
    var dispatch = Dispatch("norm_table", push, groups: [y.blocks.count.dividedUp(by: 64), 1, y.n.count])
    for (slot, index) in [(0, 1), (2, 2)] {
      let values = candidate.constant(index)!
      dispatch.bindings[slot] = step.pack("parameter \(index)", count: y.blocks.count * 4) {
        [channels = y.imageChannels] target in
        target.update(repeating: 0)
        let reals = values.doubles()
        for c in 0..<channels { target[c] = Float(reals[isPerGroup ? c / members : c]) }
      }
    }
    dispatch.bindings[1] = mean
    dispatch.bindings[3] = variance
    dispatch.bindings[4] = table
    try step.add(dispatch, activates: false)
    return table
  }
}
