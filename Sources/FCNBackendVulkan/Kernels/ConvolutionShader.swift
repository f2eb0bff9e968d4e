import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolution and transposed convolution, eight output channels of four positions an invocation.
enum ConvolutionShader: VulkanKernel {
  static let name = "conv"
  /// Positions of a workgroup.
  private static let width = 256
  /// Iterations of an invocation's innermost loop: all its loops together stay below the 65535 that llvmpipe runs.
  static let largestLoop = 16000

  static func absorbs(_ code: Int) -> Bool { FusedStore.codes.contains(code) }

  /// Why no convolution shader takes the node.
  static func refusal(_ candidate: VulkanCandidate) -> String? {
    if let reason = candidate.refusal(inputs: [0]) { return reason }
    guard let weights = candidate.constant(1) else { return "the weights are computed at run time" }
    if weights.elementType != .float32 { return "weights of \(weights.elementType.rawValue)" }
    if candidate.node.input(2) != nil && candidate.constant(2) == nil { return "the bias is computed at run time" }
    return WindowConstants(candidate) == nil ? "no window of one to three axes" : nil
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if let reason = refusal(candidate) { return .notOnDevice(name, reason) }
    let (groups, input, output) = candidate.windowChannels
    if groups > 1 && (input % 4 != 0 || output % 8 != 0) {
      return .notOnDevice(name, "groups of \(input) to \(output) channels: expected multiples of 4 and 8")
    }
    let window = WindowConstants(candidate)!
    let loop = window.taps * input.dividedUp(by: 4)
    if loop > largestLoop { return .notOnDevice(name, "\(loop) iterations: expected at most \(largestLoop)") }
    let bytes = packedCount(candidate, window) * 4
    if bytes > candidate.facts.largestRange {
      return .notOnDevice(name, "\(bytes) bytes of weights: expected at most \(candidate.facts.largestRange)")
    }
    if window.phases > 4096 { return .notOnDevice(name, "\(window.phases) phases: expected at most 4096") }
    var offer = KernelOffer.fusingOnDevice(name)
    offer.grain = candidate.output.shape.dims.indices.map { $0 == 1 ? 8 : 1 }
    return offer
  }

  /// Floats of `[⌈C/8⌉][KD][KH][KW][I][4][2]` vectors.
  private static func packedCount(_ candidate: VulkanCandidate, _ window: WindowConstants) -> Int {
    candidate.output.shape[1].dividedUp(by: 8) * window.taps * candidate.windowChannels.input.dividedUp(by: 4) * 32
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let window = WindowConstants(candidate), let x = step.input(0), let y = step.output() else { return }
    let (_, input, output) = candidate.windowChannels
    let inputBlocks = input.dividedUp(by: 4)
    var push = PushBlock(y, source: x)
    push[30] = inputBlocks
    push[31] = output.dividedUp(by: 8)
    let isShuffled = candidate.facts.shuffledLanes.map { $0 >= 8 } ?? false
    let shader = (window.isTransposed ? "deconv_c4" : "conv_c4") + (isShuffled ? "" : "_plain")
    var dispatch = Dispatch(
      shader, push,
      groups: [
        window.positions(y).dividedUp(by: width), y.blocks.count.dividedUp(by: 2), y.n.count * window.phases,
      ])
    dispatch.constants = window.constants
    if inputBlocks == 1 { dispatch.constants[ShaderConstant.flags] = 1 }
    let packed = PackedWeights(candidate)
    dispatch.bindings[0] = step.pack("weights", count: packed.count) { packed.write(to: $0) }
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    FusedStore.bind(candidate, &dispatch, y, count: candidate.output.shape[1].dividedUp(by: 8) * 8, &step)
    let flops = 2 * window.taps * input * y.positions * y.channels.count * y.n.count / window.phases
    try step.add(dispatch, flops: flops)
  }
}

/// Weights as `[⌈C/8⌉][taps][I][4][2]` vectors: lane r of (B, t, i, j, s) is the weight of output channel 8B + 4s + r,
/// input channel 4i + j of its group and tap t; 0 beyond either.
private struct PackedWeights: Sendable {
  private let weights: ConvolutionWeights

  init(_ candidate: VulkanCandidate) { weights = ConvolutionWeights(candidate) }

  private var inputBlocks: Int { weights.input.dividedUp(by: 4) }
  var count: Int { weights.channels.dividedUp(by: 8) * weights.taps * inputBlocks * 32 }

  func write(to target: UnsafeMutableBufferPointer<Float>) {
    target.update(repeating: 0)
    let (taps, blocks) = (weights.taps, inputBlocks)
    weights.read { reader in
      for channel in 0..<weights.channels {
        for c in 0..<weights.input {
          let row = reader.row(channel, c)
          for tap in 0..<taps {
            let vector = (((channel / 8 * taps + tap) * blocks + c / 4) * 4 + c % 4) * 2 + channel % 8 / 4
            target[vector * 4 + channel % 4] = row[tap]
          }
        }
      }
    }
  }
}
