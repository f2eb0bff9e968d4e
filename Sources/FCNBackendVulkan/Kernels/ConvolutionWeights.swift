import FCNGraph
import FCNTensor

/// The weights of a convolution or transposed convolution as packing reads them: by channels and tap, times the factors
/// of a folded normalisation.
struct ConvolutionWeights: Sendable {
  private let tensor: HostTensor
  private let factors: [Double]?
  private let isTransposed: Bool
  /// Of a group.
  let input, output: Int
  /// Of the whole output.
  let channels: Int
  let taps: Int

  init(_ candidate: VulkanCandidate) {
    tensor = candidate.constant(1)!
    factors = candidate.factors
    isTransposed = if case .convTranspose = candidate.node.op { true } else { false }
    (_, input, output) = candidate.windowChannels
    channels = candidate.output.shape[1]
    taps = tensor.shape.dims[2...].reduce(1, *)
  }

  /// Weights in memory; their pages are given back afterwards.
  func read(_ body: (Reader) -> Void) {
    tensor.withElements(Float.self) { body(Reader(values: $0, weights: self)) }
    tensor.storage.releasePages()
  }

  struct Reader {
    fileprivate let values: UnsafeBufferPointer<Float>
    fileprivate let weights: ConvolutionWeights

    /// The taps of an output channel and an input channel of its group.
    func row(_ channel: Int, _ c: Int) -> Row {
      let (group, inGroup) = (channel / weights.output, channel % weights.output)
      // [M][C/groups][taps], or [C][M/groups][taps].
      let row =
        weights.isTransposed
        ? (group * weights.input + c) * weights.output + inGroup : channel * weights.input + c
      return Row(values: values, start: row * weights.taps, factor: weights.factors?[channel] ?? 1)
    }
  }

  struct Row {
    fileprivate let values: UnsafeBufferPointer<Float>
    fileprivate let start: Int
    fileprivate let factor: Double

    subscript(tap: Int) -> Float { Float(Double(values[start + tap]) * factor) }
  }
}

extension VulkanCandidate {
  /// Of a convolution or transposed convolution: groups, and channels of each.
  var windowChannels: (groups: Int, input: Int, output: Int) {
    let groups: Int
    if case .convolution(let payload) = node.op {
      groups = payload.groups
    } else if case .convTranspose(let payload) = node.op {
      groups = payload.groups
    } else {
      groups = 1
    }
    return (groups, type(0)!.shape[1] / groups, output.shape[1] / groups)
  }
}
