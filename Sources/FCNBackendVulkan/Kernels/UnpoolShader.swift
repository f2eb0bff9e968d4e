import FCNGraph
import FCNRuntime
import FCNTensor

/// MaxUnpool with indices that a MaxPool of the same windows made on the device.
enum UnpoolShader: VulkanKernel {
  static let name = "unpool"
  private static let width = 64

  static func absorbs(_ code: Int) -> Bool { false }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .maxUnpool = candidate.node.op else { return .notOnDevice(name, "no MaxUnpool") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    guard candidate.layouts.count > 1, candidate.layouts[1] == .quads else {
      return .notOnDevice(name, "its indices are not made on the device")
    }
    guard let window = WindowConstants(candidate), window.isTransposed else {
      return .notOnDevice(name, "the indices may point anywhere")
    }
    if window.axes.contains(where: { $0.dilation != 1 }) { return .notOnDevice(name, "a dilation") }
    if window.taps > ConvolutionShader.largestLoop { return .notOnDevice(name, "\(window.taps) taps") }
    return .onDevice(name, inputs: 2)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let window = WindowConstants(candidate), let x = step.input(0), let indices = step.input(1),
      let y = step.output()
    else { return }
    var push = PushBlock(y, source: x)
    // Global coordinates, but for images, which are counted from the output's first.
    let strides = quadStrides(
      indices.extents, origin: [y.n.lowerBound - indices.n.lowerBound] + indices.origin[1...].map { -$0 }, wide: nil)
    push.setExtra(y.imageD, y.imageH, y.imageW, strides[0], strides[1], strides[2], strides[3], strides[4])
    var dispatch = Dispatch(name, push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = window.constants
    dispatch.bindings[1] = x.binding
    dispatch.bindings[3] = indices.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, flops: window.taps * y.positions * y.channels.count * y.n.count, activates: false)
  }
}
