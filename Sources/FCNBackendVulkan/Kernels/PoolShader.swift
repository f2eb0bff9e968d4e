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
    if givesIndices(candidate) {
      if case .max(columnMajor: true) = pool.function { return .notOnDevice(name, "indices in column-major order") }
      let positions = candidate.type(0)!.shape.dims[2...].reduce(1, *)
      if positions > Int(Int32.max) { return .notOnDevice(name, "indices beyond 2^31") }
    }
    guard let window = WindowConstants(candidate), !window.isTransposed else {
      return .notOnDevice(name, "no window of one to three axes")
    }
    if window.taps > ConvolutionShader.largestLoop { return .notOnDevice(name, "\(window.taps) taps") }
    var offer = KernelOffer.onDevice(name)
    offer.secondLayout = .quads
    return offer
  }

  private static func givesIndices(_ candidate: VulkanCandidate) -> Bool {
    candidate.node.outputs.dropFirst().contains { $0 != nil }
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
    if givesIndices(candidate), let indices = step.output(1) {
      dispatch.constants[ShaderConstant.flags] = 1
      dispatch.bindings[5] = indices.binding
    }
    try step.add(dispatch, flops: window.taps * y.positions * y.channels.count * y.n.count, activates: false)
  }
}
