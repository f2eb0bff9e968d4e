import FCNGraph
import FCNRuntime
import FCNTensor

/// Depth to space and space to depth.
enum ShuffleShader: VulkanKernel {
  static let name = "shuffle"
  private static let width = 256

  static func absorbs(_ code: Int) -> Bool { false }

  /// Block, and the order as the shader numbers it.
  private static func form(_ op: Operator) -> (block: Int, code: Int)? {
    if case .depthToSpace(let block, let order) = op { return (block, order == .dcr ? 0 : 1) }
    if case .spaceToDepth(let block) = op { return (block, 2) }
    return nil
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if form(candidate.node.op) == nil { return .notOnDevice(name, "no shuffle") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let (block, code) = form(candidate.node.op), let x = step.input(0), let y = step.output() else { return }
    var push = PushBlock(y, source: x)
    push[24] = x.imageChannels
    // Four lanes come from one block where they are neighbours there too.
    let isTogether = code != 1 && (code == 2 ? x.imageChannels : y.imageChannels) % 4 == 0
    var dispatch = Dispatch(name, push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = [
      ShaderConstant.strideH: block, ShaderConstant.op: code, ShaderConstant.flags: isTogether ? 1 : 0,
    ]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, activates: false)
  }
}
