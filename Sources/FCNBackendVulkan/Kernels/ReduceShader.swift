import FCNGraph
import FCNRuntime
import FCNTensor

/// Reductions over channels, or over some or all spatial axes.
enum ReduceShader: VulkanKernel {
  static let name = "reduce"
  private static let width = 64

  static func absorbs(_ code: Int) -> Bool { false }

  private enum Axes {
    case channels
    /// All of them, in chunks that many invocations share.
    case space
    /// Extents that are reduced along d, h and w, in one invocation.
    case along([Int])
  }

  /// Nil where images are reduced, channels with other axes, or channels are dropped.
  private static func axes(_ candidate: VulkanCandidate, _ function: ReduceFunction) -> Axes? {
    let rule = candidate.sizing.rule.inputs[0]
    let isReduced = rule.map { $0.outputAxis == nil }
    guard rule.count > 2, !isReduced[0], isReduced.contains(true) else { return nil }
    let keeps = rule.count == candidate.output.shape.rank
    if isReduced[1] { return keeps && !isReduced[2...].contains(true) ? .channels : nil }
    if keeps, !isReduced[2...].contains(false), inChunks(function) != nil { return .space }
    var extents = [1, 1, 1]
    for axis in 2..<rule.count where isReduced[axis] { extents[axis + 3 - rule.count] = candidate.type(0)!.shape[axis] }
    return .along(extents)
  }

  private static func inChunks(_ function: ReduceFunction) -> SpatialReduction.Function? {
    switch function {
    case .sum, .mean: .sum
    case .max: .maximum
    case .min: .minimum
    case .product, .l1, .l2, .sumSquare, .logSum, .logSumExp: nil
    }
  }

  /// As Shaders/reduce_channels.comp and reduce_axes.comp number it.
  private static func code(_ function: ReduceFunction) -> Int? {
    switch function {
    case .sum: 0
    case .mean: 1
    case .max: 2
    case .min: 3
    case .sumSquare: 4
    case .l1: 5
    case .l2: 6
    case .product, .logSum, .logSumExp: nil
    }
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .reduce(let payload) = candidate.node.op else { return .notOnDevice(name, "no reduction") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    let shape = candidate.type(0)!.shape
    if shape.count == 0 { return .notOnDevice(name, "an empty input") }
    if code(payload.function) == nil { return .notOnDevice(name, "no shader for \(payload.function)") }
    let loop: Int
    switch axes(candidate, payload.function) {
    case .space: loop = 0
    case .channels: loop = shape[1].dividedUp(by: 4)
    case .along(let extents): loop = extents.reduce(1) { min($0 * $1, 1 << 32) }
    case nil: return .notOnDevice(name, "reduces images, channels with other axes, or drops channels")
    }
    if loop > ConvolutionShader.largestLoop { return .notOnDevice(name, "\(loop) terms in one invocation") }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .reduce(let payload) = candidate.node.op, let axes = axes(candidate, payload.function),
      let code = code(payload.function), let x = step.input(0),
      let y = step.output(restoring: candidate.sizing.rule.inputs[0])
    else { return }
    var push = PushBlock(y, source: x)
    var dispatch: Dispatch
    let terms: Int
    switch axes {
    case .space:
      let count = x.imageD * x.imageH * x.imageW
      let factor = payload.function == .mean ? Float(1 / Double(count)) : 1
      try SpatialReduction(function: inChunks(payload.function)!, factor: factor).add(x, y, to: y.binding, &step)
      return
    case .channels:
      (push[1], push[20]) = (x.blocks.count, x.imageChannels)
      dispatch = Dispatch("reduce_channels", push, groups: [y.positions.dividedUp(by: width), 1, y.n.count])
      terms = x.imageChannels
    case .along(let extents):
      push.setExtra(extents[0], extents[1], extents[2])
      dispatch = Dispatch("reduce_axes", push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
      terms = extents.reduce(1, *) * y.channels.count
    }
    dispatch.constants = [ShaderConstant.op: code]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, flops: terms * y.positions * y.n.count, activates: false)
  }
}
