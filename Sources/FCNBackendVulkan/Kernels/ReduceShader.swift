import FCNGraph
import FCNRuntime
import FCNTensor

/// Sum, mean, maximum and minimum over all spatial axes, or over channels.
enum ReduceShader: VulkanKernel {
  static let name = "reduce"
  private static let width = 64

  static func absorbs(_ code: Int) -> Bool { false }

  private enum Axes { case spatial, channels }

  /// Nil where other axes are reduced, or axes are dropped.
  private static func axes(_ candidate: VulkanCandidate) -> Axes? {
    let rule = candidate.sizing.rule.inputs[0]
    guard rule.count > 2, rule.count == candidate.output.shape.rank else { return nil }
    let isReduced = rule.map { $0.outputAxis == nil }
    if isReduced.enumerated().allSatisfy({ $1 == ($0 > 1) }) { return .spatial }
    return isReduced.enumerated().allSatisfy { $1 == ($0 == 1) } ? .channels : nil
  }

  private static func spatial(_ function: ReduceFunction) -> SpatialReduction.Function? {
    switch function {
    case .sum, .mean: .sum
    case .max: .maximum
    case .min: .minimum
    case .product, .l1, .l2, .sumSquare, .logSum, .logSumExp: nil
    }
  }

  /// As Shaders/reduce_channels.comp numbers it.
  private static func overChannels(_ function: ReduceFunction) -> Int? {
    switch function {
    case .sum: 0
    case .mean: 1
    case .max: 2
    case .min: 3
    case .sumSquare: 4
    case .product, .l1, .l2, .logSum, .logSumExp: nil
    }
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .reduce(let payload) = candidate.node.op else { return .notOnDevice(name, "no reduction") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    let shape = candidate.type(0)!.shape
    if shape.count == 0 { return .notOnDevice(name, "an empty input") }
    switch axes(candidate) {
    case .spatial:
      if spatial(payload.function) == nil { return .notOnDevice(name, "no shader for \(payload.function) over space") }
    case .channels:
      if overChannels(payload.function) == nil {
        return .notOnDevice(name, "no shader for \(payload.function) over channels")
      }
      if shape[1].dividedUp(by: 4) > ConvolutionShader.largestLoop { return .notOnDevice(name, "\(shape[1]) channels") }
    case nil: return .notOnDevice(name, "reduces other axes than all spatial ones or the channels, or drops them")
    }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .reduce(let payload) = candidate.node.op, let x = step.input(0), let y = step.output() else { return }
    if axes(candidate) == .spatial {
      let count = x.imageD * x.imageH * x.imageW
      let factor = payload.function == .mean ? Float(1 / Double(count)) : 1
      try SpatialReduction(function: spatial(payload.function)!, factor: factor).add(x, y, to: y.binding, &step)
      return
    }
    var push = PushBlock(y, source: x)
    (push[1], push[20]) = (x.blocks.count, x.imageChannels)
    var dispatch = Dispatch("reduce_channels", push, groups: [y.positions.dividedUp(by: width), 1, y.n.count])
    dispatch.constants = [ShaderConstant.op: overChannels(payload.function)!]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, flops: x.imageChannels * y.positions * y.n.count, activates: false)
  }
}
