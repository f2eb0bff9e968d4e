import FCNGraph
import FCNRuntime

/// Local response normalisation: each channel by the squares of its neighbours.
enum LocalResponseShader: VulkanKernel {
  static let name = "local_response"
  private static let width = 64

  static func absorbs(_ code: Int) -> Bool { false }

  private static func payload(
    _ candidate: VulkanCandidate
  ) -> (size: Int, alpha: Double, beta: Double, bias: Double)? {
    guard case .normalize(.localResponse(let size, let alpha, let beta, let bias)) = candidate.node.op else {
      return nil
    }
    return (size, alpha, beta, bias)
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard let payload = payload(candidate) else { return .notOnDevice(name, "no local response normalisation") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    if payload.size.dividedUp(by: 4) > ConvolutionShader.largestLoop {
      return .notOnDevice(name, "\(payload.size) channels in a sum")
    }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let payload = payload(candidate), let x = step.input(0), let y = step.output() else { return }
    var push = PushBlock(y, source: x)
    push.setParameters(Float(payload.alpha / Double(payload.size)), Float(payload.bias))
    let exponent = Int32(bitPattern: Float(-payload.beta).bitPattern)
    push.setExtra((payload.size - 1) / 2, payload.size / 2, Int(exponent))
    var dispatch = Dispatch(name, push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, flops: 2 * payload.size * y.positions * y.channels.count * y.n.count, activates: false)
  }
}
