import FCNGraph
import FCNRuntime
import FCNTensor

/// ArgMax and ArgMin over channels; the indices are planar, in the host's memory.
enum ArgReduceShader: VulkanKernel {
  static let name = "argreduce"
  private static let width = 64
  private static let largestBlocks = 8192

  static func absorbs(_ code: Int) -> Bool { false }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .argReduce(let payload) = candidate.node.op, let x = candidate.type(0) else {
      return .notOnDevice(name, "no ArgMax or ArgMin")
    }
    if !Layout.canBlock(x) || x.shape.count == 0 { return .notOnDevice(name, "not a feature map of float32") }
    if payload.axis != 1 && payload.axis + x.shape.rank != 1 { return .notOnDevice(name, "not over channels") }
    if x.shape[1].dividedUp(by: 4) > largestBlocks { return .notOnDevice(name, "\(x.shape[1]) channels") }
    var offer = KernelOffer.onDevice(name)
    offer.outputLayout = .planar
    return offer
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .argReduce(let payload) = candidate.node.op, let x = step.input(0),
      let y = step.output(restoring: candidate.sizing.rule.inputs[0])
    else { return }
    var push = PushBlock(y, source: x)
    (push[1], push[20]) = (x.blocks.count, x.imageChannels)
    var dispatch = Dispatch("argmax", push, groups: [y.positions.dividedUp(by: width), 1, y.n.count])
    dispatch.constants = [
      ShaderConstant.op: payload.isMaximum ? 0 : 1, ShaderConstant.flags: payload.selectsLast ? 1 : 0,
    ]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, flops: x.imageChannels * y.positions * y.n.count, activates: false)
  }
}
