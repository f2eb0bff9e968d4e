import FCNGraph
import FCNRuntime
import FCNTensor

/// Softmax and its logarithm over channels.
enum SoftmaxShader: VulkanKernel {
  static let name = "softmax"
  private static let width = 64

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .softmax(let softmax) = candidate.node.op else { return .notOnDevice(name, "no softmax") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    if softmax.function == .hardmax { return .notOnDevice(name, "no shader for hardmax") }
    let shape = candidate.output.shape
    let axis = softmax.axis < 0 ? softmax.axis + shape.rank : softmax.axis
    let isFlat = softmax.flattens && shape.dims[2...].contains { $0 > 1 }
    if axis != 1 || isFlat { return .notOnDevice(name, "not over channels") }
    if 3 * shape[1].dividedUp(by: 4) > ConvolutionShader.largestLoop {
      return .notOnDevice(name, "\(shape[1]) channels")
    }
    // The shader writes all channels of a position.
    var offer = KernelOffer.onDevice(name)
    offer.grain = shape.dims.indices.map { $0 == 1 ? shape[1] : 1 }
    return offer
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .softmax(let softmax) = candidate.node.op, let x = step.input(0), let y = step.output() else { return }
    var dispatch = Dispatch(
      name, PushBlock(y, source: x), groups: [y.positions.dividedUp(by: width), 1, y.n.count])
    dispatch.constants[ShaderConstant.flags] = softmax.function == .logSoftmax ? 1 : 0
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, activates: false)
  }
}
