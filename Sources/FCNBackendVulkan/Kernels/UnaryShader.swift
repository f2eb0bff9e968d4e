import FCNGraph
import FCNRuntime

/// Elementwise functions of one argument.
enum UnaryShader: VulkanKernel {
  static let name = "unary"
  private static let width = 256

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .unary(let function) = candidate.node.op else { return .notOnDevice(name, "not unary") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    if ActivationCode(function) == nil { return .notOnDevice(name, "no shader for \(function)") }
    var offer = KernelOffer.onDevice(name)
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
    var dispatch = Dispatch(name, push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = [ShaderConstant.op: code.code, ShaderConstant.flags: isSame ? 1 : 0]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, activates: false)
  }
}
