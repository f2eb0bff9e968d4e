import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolution and transposed convolution in any groups, one output channel a lane; slow.
enum GroupedConvolutionShader: VulkanKernel {
  static let name = "conv_grouped"
  private static let width = 64

  static func absorbs(_ code: Int) -> Bool { FusedStore.codes.contains(code) }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if let reason = ConvolutionShader.refusal(candidate) { return .notOnDevice(name, reason) }
    let (groups, input, _) = candidate.windowChannels
    if groups == 1 { return .notOnDevice(name, "one group") }
    let window = WindowConstants(candidate)!
    let loop = window.taps * input
    if loop > ConvolutionShader.largestLoop {
      return .notOnDevice(name, "\(loop) iterations: expected at most \(ConvolutionShader.largestLoop)")
    }
    let bytes = candidate.output.shape[1].dividedUp(by: 4) * loop * 16
    if bytes > candidate.facts.largestRange {
      return .notOnDevice(name, "\(bytes) bytes of weights: expected at most \(candidate.facts.largestRange)")
    }
    if window.phases > 4096 { return .notOnDevice(name, "\(window.phases) phases: expected at most 4096") }
    return .fusingOnDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let window = WindowConstants(candidate), let x = step.input(0), let y = step.output() else { return }
    let weights = ConvolutionWeights(candidate)
    let blocks = weights.channels.dividedUp(by: 4)
    var push = PushBlock(y, source: x)
    push[30] = weights.input
    push[31] = weights.output
    var dispatch = Dispatch(
      window.isTransposed ? "deconv_grouped" : "conv_grouped", push,
      groups: [window.positions(y).dividedUp(by: width), y.blocks.count, y.n.count * window.phases])
    dispatch.constants = window.constants
    // [C4][taps][input channels of a group] vectors.
    dispatch.bindings[0] = step.pack("weights", count: blocks * weights.taps * weights.input * 4) { target in
      target.update(repeating: 0)
      weights.read { reader in
        for channel in 0..<weights.channels {
          for c in 0..<weights.input {
            let row = reader.row(channel, c)
            for tap in 0..<weights.taps {
              target[((channel / 4 * weights.taps + tap) * weights.input + c) * 4 + channel % 4] = row[tap]
            }
          }
        }
      }
    }
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    FusedStore.bind(candidate, &dispatch, y, count: blocks * 4, &step)
    let terms = 2 * window.taps * weights.input
    try step.add(dispatch, flops: terms * y.positions * y.channels.count * y.n.count / window.phases)
  }
}
