import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolution and transposed convolution of each channel alone.
enum DepthwiseShader: VulkanKernel {
  static let name = "depthwise"
  /// Positions of a workgroup.
  private static let width = 256

  static func absorbs(_ code: Int) -> Bool { FusedStore.codes.contains(code) }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if let reason = ConvolutionShader.refusal(candidate) { return .notOnDevice(name, reason) }
    let (groups, input, output) = candidate.windowChannels
    guard input == 1, output == 1, groups > 1 else {
      return .notOnDevice(name, "groups of \(input) to \(output) channels: expected one each")
    }
    let window = WindowConstants(candidate)!
    if window.taps > ConvolutionShader.largestLoop { return .notOnDevice(name, "\(window.taps) taps") }
    if window.phases > 4096 { return .notOnDevice(name, "\(window.phases) phases: expected at most 4096") }
    return .fusingOnDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let window = WindowConstants(candidate), let x = step.input(0), let y = step.output() else { return }
    let weights = ConvolutionWeights(candidate)
    let channels = candidate.output.shape[1]
    let count = channels.dividedUp(by: 4) * 4
    var dispatch = Dispatch(
      window.isTransposed ? "depthwise_transposed" : "depthwise", PushBlock(y, source: x),
      groups: [window.positions(y).dividedUp(by: width), y.blocks.count, y.n.count * window.phases])
    dispatch.constants = window.constants
    // [C4][taps] vectors.
    dispatch.bindings[0] = step.pack("weights", count: count * window.taps) { [taps = window.taps] target in
      target.update(repeating: 0)
      weights.read { reader in
        for c in 0..<channels {
          let row = reader.row(c, 0)
          for tap in 0..<taps { target[(c / 4 * taps + tap) * 4 + c % 4] = row[tap] }
        }
      }
    }
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    FusedStore.bind(candidate, &dispatch, y, count: count, &step)
    let flops = 2 * window.taps * y.positions * y.channels.count * y.n.count / window.phases
    try step.add(dispatch, flops: flops)
  }
}
