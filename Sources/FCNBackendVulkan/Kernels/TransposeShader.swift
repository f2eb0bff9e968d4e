import FCNGraph
import FCNRuntime
import FCNTensor

/// Permutations of channels and spatial axes.
enum TransposeShader: VulkanKernel {
  static let name = "transpose"
  private static let width = 256

  static func absorbs(_ code: Int) -> Bool { false }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .transpose = candidate.node.op else { return .notOnDevice(name, "no transposition") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    if candidate.sizing.rule.inputs[0][0].outputAxis != 0 { return .notOnDevice(name, "moves the batch") }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let x = step.input(0), let y = step.output() else { return }
    let rule = candidate.sizing.rule.inputs[0]
    // Of n, c, d, h, w: axes that the tensor does not have stay.
    func place(_ axis: Int) -> Int { axis < 2 ? axis : axis + 5 - rule.count }
    var sources = [0, 1, 2, 3, 4]
    for (from, dependence) in rule.enumerated() { sources[place(dependence.outputAxis!)] = place(from) }
    var dispatch = Dispatch(
      name, PushBlock(y, source: x), groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    for (axis, source) in sources.enumerated() {
      dispatch.constants[ShaderConstant.sourceAxis + UInt32(axis)] = source
    }
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, activates: false)
  }
}
