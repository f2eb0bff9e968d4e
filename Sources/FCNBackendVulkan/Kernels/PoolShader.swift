import FCNGraph
import FCNRuntime
import FCNTensor

/// Maximum and average over a window.
enum PoolShader: VulkanKernel {
  static let name = "pool"
  private static let width = 64

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .pool(let pool) = candidate.node.op else { return .notOnDevice(name, "no pool") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    if code(pool.function) == nil { return .notOnDevice(name, "no shader for \(pool.function)") }
    if candidate.node.outputs.dropFirst().contains(where: { $0 != nil }) {
      return .notOnDevice(name, "its indices are asked for")
    }
    guard let window = WindowConstants(candidate), !window.isTransposed else {
      return .notOnDevice(name, "no window of one to three axes")
    }
    if window.taps > ConvolutionShader.largestLoop { return .notOnDevice(name, "\(window.taps) taps") }
    return .onDevice(name)
  }

  private static func code(_ function: PoolFunction) -> Int? {
    switch function {
    case .max: 0
    case .average(let countsPadding): countsPadding ? 2 : 1
    case .lp: nil
    }
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .pool(let pool) = candidate.node.op, let window = WindowConstants(candidate), let x = step.input(0),
      let y = step.output()
    else { return }
    var push = PushBlock(y, source: x)
    push.setExtra(window.axes[0].high, window.axes[1].high, window.axes[2].high)
    var dispatch = Dispatch(name, push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = window.constants
    dispatch.constants[ShaderConstant.op] = code(pool.function)!
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, flops: window.taps * y.positions * y.channels.count * y.n.count, activates: false)
  }
}
