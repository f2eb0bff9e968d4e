import FCNGraph
import FCNRuntime

/// Elementwise functions of one argument.
enum UnaryShader: VulkanKernel {
  private static let width = 256

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .unary(let function) = candidate.node.op else { return .notOnDevice("unary", "not unary") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice("unary", reason) }
    if ActivationCode(function) == nil { return .notOnDevice("unary", "no shader for \(function)") }
    var offer = KernelOffer.onDevice("unary")
    offer.isInPlace = true
    return offer
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .unary(let function) = candidate.node.op, let code = ActivationCode(function), let x = step.input(0),
      let y = step.output()
    else { return }
    var push = PushBlock(y, source: x)
    let isSame = x.holdsSame(as: y)
    if isSame { push.flatten() }
    push.setParameters(code.a, code.b)
    var dispatch = Dispatch("unary", push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = [ShaderConstant.op: code.code, ShaderConstant.flags: isSame ? 1 : 0]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, activates: false)
  }
}
