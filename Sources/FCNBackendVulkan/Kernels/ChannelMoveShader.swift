import FCNGraph
import FCNRuntime
import FCNTensor

/// Slice, part and constant padding of channels.
enum ChannelMoveShader: VulkanKernel {
  static let name = "move_channels"
  private static let width = 256

  static func absorbs(_ code: Int) -> Bool { false }

  /// Source channel of output channel 0; nil where positions or images move, or channels by steps.
  private static func shift(_ candidate: VulkanCandidate) -> Int? {
    let rule = candidate.sizing.rule.inputs[0]
    let (from, to) = (candidate.type(0)!.shape, candidate.output.shape)
    guard rule.count == to.rank else { return nil }
    var shift = 0
    for (axis, dependence) in rule.enumerated() {
      let start: Int
      switch dependence.rule {
      case .pointwise: start = 0
      case .strided(let first, let step):
        if step != 1 { return nil }
        start = first
      case .padded(let low, let border):
        if border != .constant { return nil }
        start = -low
      case .window, .transposedWindow, .resample, .spread, .gathered, .placed, .repeated, .broadcast, .everything:
        return nil
      }
      if axis == 1 { shift = start } else if start != 0 || from[axis] != to[axis] { return nil }
    }
    return shift
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    if case .pad = candidate.node.op, candidate.node.input(2) != nil, candidate.constant(2)?.count != 1 {
      return .notOnDevice(name, "the fill value is computed at run time")
    }
    if shift(candidate) == nil { return .notOnDevice(name, "moves more than channels, or by other steps than 1") }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let shift = shift(candidate), let x = step.input(0), let y = step.output() else { return }
    var push = PushBlock(y, source: x)
    push.countBlocksFromFirst(y, source: x)
    // Nothing is held of the source where all of the box is padding.
    if x.binding.range == 0 { push[9] = 0 }
    push.setExtra(
      0, y.channels.count, shift + y.channels.lowerBound - x.blocks.lowerBound * 4, y.blocks.count,
      x.binding.range == 0 ? 0 : x.channels.count)
    if case .pad = candidate.node.op, let value = candidate.constant(2) {
      push.setParameters(Float(value.doubles()[0]), 0)
    }
    var dispatch = Dispatch("channels", push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, activates: false)
  }
}
