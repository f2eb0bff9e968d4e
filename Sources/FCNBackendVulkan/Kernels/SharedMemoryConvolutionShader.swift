import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolution and transposed convolution as a matrix product in tiles of shared memory, for devices whose invocations
/// share none of their loads.
enum SharedMemoryConvolutionShader: VulkanKernel {
  static let name = "conv_igemm"
  /// Positions of a workgroup, and blocks of four output channels.
  private static let tile = (positions: 64, blocks: 16)

  static func absorbs(_ code: Int) -> Bool { FusedStore.codes.contains(code) }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if candidate.facts.options.convolution != .sharedMemory {
      return .notOnDevice(name, "kernels \(candidate.facts.options.convolution.rawValue) are asked for")
    }
    if let reason = ConvolutionShader.refusal(candidate) { return .notOnDevice(name, reason) }
    let (groups, input, _) = candidate.windowChannels
    if groups > 1 { return .notOnDevice(name, "\(groups) groups") }
    let window = WindowConstants(candidate)!
    let loop = window.taps * input.dividedUp(by: 16) * 16
    if loop > ConvolutionShader.largestLoop {
      return .notOnDevice(name, "\(loop) iterations: expected at most \(ConvolutionShader.largestLoop)")
    }
    let bytes = window.taps * input.dividedUp(by: 4) * 4 * columns(candidate) * 16
    if bytes > candidate.facts.largestRange {
      return .notOnDevice(name, "\(bytes) bytes of weights: expected at most \(candidate.facts.largestRange)")
    }
    if window.phases > 4096 { return .notOnDevice(name, "\(window.phases) phases: expected at most 4096") }
    var offer = KernelOffer.fusingOnDevice(name)
    // All output channels.
    offer.grain = candidate.output.shape.dims.enumerated().map { $0 == 1 ? $1 : 1 }
    return offer
  }

  /// Blocks of four output channels, in whole tiles.
  private static func columns(_ candidate: VulkanCandidate) -> Int {
    candidate.output.shape[1].dividedUp(by: 4 * tile.blocks) * tile.blocks
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let window = WindowConstants(candidate), let x = step.input(0), let y = step.output() else { return }
    let weights = ConvolutionWeights(candidate)
    let (rows, columns) = (weights.input.dividedUp(by: 4) * 4, columns(candidate))
    var push = PushBlock(y, source: x)
    push[30] = rows / 4
    push[31] = columns
    var dispatch = Dispatch(
      window.isTransposed ? "deconv_igemm" : "conv_igemm", push,
      groups: [
        window.positions(y).dividedUp(by: tile.positions), y.blocks.count.dividedUp(by: tile.blocks),
        y.n.count * window.phases,
      ])
    dispatch.constants = window.constants
    // [taps][input channels][columns] vectors.
    dispatch.bindings[0] = step.pack("weights", count: weights.taps * rows * columns * 4) { target in
      target.update(repeating: 0)
      weights.read { reader in
        for channel in 0..<weights.channels {
          for c in 0..<weights.input {
            let row = reader.row(channel, c)
            for tap in 0..<weights.taps { target[(tap * rows + c) * columns * 4 + channel] = row[tap] }
          }
        }
      }
    }
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    FusedStore.bind(candidate, &dispatch, y, count: columns * 4, &step)
    let terms = 2 * window.taps * weights.input
    try step.add(dispatch, flops: terms * y.positions * y.channels.count * y.n.count / window.phases)
  }
}
