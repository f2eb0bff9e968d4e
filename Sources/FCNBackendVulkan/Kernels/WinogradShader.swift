import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolutions of 3×3 taps and stride 1 by Winograd's F(4×4, 3×3): a quarter of the multiplications, in three
/// dispatches for each chunk of cells. Taps along depth are further input channels.
///
/// Cells of 4×4 outputs lie on multiples of 4 of the image – of 4·d where taps are d apart, each phase of the image
/// with cells of its own – and never mix, so that results depend on neither the region nor the chunk.
/// Source: Lavin and Gray 2016, arXiv:1509.09308.
enum WinogradShader: VulkanKernel {
  static let name = "conv_winograd4x4"
  private static let cell = 4
  private static let frequencies = 36
  /// Below these the transforms cost more than they save.
  private static let fewestChannels = 32
  private static let fewestCells = 64
  /// Of 16 in a cell, on average: phases of small images leave cells half empty. Measured on llvmpipe: 13 of 16 win, 8
  /// of 16 lose.
  private static let fewestOutputs = 12
  private static let width = 64

  static func absorbs(_ code: Int) -> Bool { FusedStore.codes.contains(code) }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if let reason = refusal(candidate) { return .notOnDevice(name, reason) }
    var offer = KernelOffer.fusingOnDevice(name)
    let sizes = ChunkSizes(candidate, WindowConstants(candidate)!)
    offer.sharedBytes = sizes.sourceBytes + sizes.sumBytes
    let rank = candidate.output.shape.rank
    offer.grain = (0..<rank).map { $0 < rank - 2 ? 1 : cell * sizes.apart[$0 + 2 - rank] }
    return offer
  }

  private static func refusal(_ candidate: VulkanCandidate) -> String? {
    if let reason = ConvolutionShader.refusal(candidate) { return reason }
    if candidate.facts.options.convolution != .auto {
      return "\(candidate.facts.options.convolution.rawValue) kernels are asked for"
    }
    let (groups, input, output) = candidate.windowChannels
    let window = WindowConstants(candidate)!
    if groups > 1 || window.isTransposed { return "groups, or a transposed convolution" }
    for axis in window.axes[1...] {
      if axis.kernel != 3 || axis.stride != 1 { return "kernel \(axis.kernel), stride \(axis.stride)" }
      if !(0...2 * axis.dilation).contains(axis.low) || axis.high < 0 { return "pads \(axis.low) and \(axis.high)" }
    }
    let loop = window.axes[0].kernel * input.dividedUp(by: 4)
    if loop > ConvolutionShader.largestLoop { return "\(loop) iterations" }
    if min(input, output) < fewestChannels {
      return "\(input) to \(output) channels: expected at least \(fewestChannels)"
    }
    let sizes = ChunkSizes(candidate, window)
    if sizes.all < fewestCells { return "\(sizes.all) cells: expected at least \(fewestCells)" }
    let positions = candidate.output.shape.count / output
    if sizes.all > positions / fewestOutputs {
      return "\(sizes.all) cells for \(positions) positions: expected at least \(fewestOutputs) in each"
    }
    return sizes.refusal
  }

  /// Cells of a chunk, by whole sizes, and the bytes that its steps bind.
  private struct ChunkSizes {
    let input, output, cells: Int
    /// Of the whole output.
    let all: Int
    /// Rows and columns from one output of a cell to the next.
    let apart: [Int]
    private let largestRange: Int

    init(_ candidate: VulkanCandidate, _ window: WindowConstants) {
      input = window.axes[0].kernel * candidate.windowChannels.input.dividedUp(by: 4)
      output = candidate.windowChannels.output.dividedUp(by: 8)
      apart = window.axes[1...].map(\.dilation)
      let dims = candidate.output.shape.dims
      all = zip(dims.suffix(2), apart).reduce(dims[0] * dims[2..<max(2, dims.count - 2)].reduce(1, *)) {
        $0 * $1.0.dividedUp(by: cell * $1.1) * $1.1
      }
      largestRange = candidate.facts.largestRange
      // Few stay in the caches of a processor; a larger device needs more at a time to be busy.
      let isProcessor = candidate.facts.info.kind == .cpu
      let busy = isProcessor ? 256 : max(256, (1 << 27) / (frequencies * 16 * (input + 2 * output)) / 256 * 256)
      let bound = largestRange / (frequencies * 16 * max(input, 2 * output))
      cells = max(1, min(busy, bound, all))
    }

    /// Rows or columns of cells that a range of the output touches.
    func cells(_ range: Range<Int>, _ axis: Int) -> Range<Int> {
      let (size, apart) = (WinogradShader.cell * apart[axis], apart[axis])
      return range.lowerBound / size * apart..<range.upperBound.dividedUp(by: size) * apart
    }

    /// Floats of the weights at one frequency.
    var weightFloats: Int { output * input * 32 }
    var sourceBytes: Int { frequencies * input * cells * 16 }
    var sumBytes: Int { frequencies * 2 * output * cells * 16 }

    /// Frequencies of a dispatch.
    var several: [Range<Int>] {
      let count = min(frequencies, largestRange / (weightFloats * 4))
      return stride(from: 0, to: frequencies, by: count).map { $0..<min($0 + count, frequencies) }
    }

    /// Where the weights at one frequency are beyond a binding, so are those of the direct shaders: no limit decides
    /// between the two.
    var refusal: String? {
      let bytes = max(weightFloats * 4, sourceBytes, sumBytes)
      return bytes > largestRange ? "\(bytes) bytes: expected bindings of at most \(largestRange)" : nil
    }
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let window = WindowConstants(candidate), let x = step.input(0), let y = step.output() else { return }
    let sizes = ChunkSizes(candidate, window)
    let packed = WinogradWeights(candidate)
    let weights = sizes.several.map { range in
      step.pack("cells from \(range.lowerBound)", count: range.count * sizes.weightFloats) {
        packed.write(range, to: $0)
      }
    }
    let (rows, columns) = (sizes.cells(y.h, 0), sizes.cells(y.w, 1))
    let total = y.n.count * y.d.count * rows.count * columns.count
    let (v, m) = (step.scratch(floats: sizes.sourceBytes / 4), step.scratch(floats: sizes.sumBytes / 4))
    for first in stride(from: 0, to: total, by: sizes.cells) {
      let count = min(sizes.cells, total - first)
      let source = v.part(0, frequencies * sizes.input * count * 4)
      let sums = m.part(0, frequencies * sizes.output * 2 * count * 4)
      func set(_ push: inout PushBlock) {
        push.setExtra(
          first, count, rows.count, columns.count, rows.lowerBound, columns.lowerBound, sizes.input, sizes.output)
      }
      var patches = Dispatch(
        "winograd_in", PushBlock(y, source: x), groups: [count.dividedUp(by: width), sizes.input, 1])
      patches.constants = window.constants
      set(&patches.push)
      patches.push.countBlocksFromFirst(y, source: x)
      patches.bindings[1] = x.binding
      patches.bindings[4] = source
      try step.add(patches, activates: false)

      for (several, weights) in zip(sizes.several, weights) {
        var product = product(candidate, count, several.count, sizes.output)
        set(&product.push)
        product.push[24] = several.lowerBound
        product.bindings[0] = weights
        product.bindings[1] = source
        product.bindings[4] = sums
        try step.add(product, flops: 2 * several.count * sizes.input * sizes.output * count * 32, activates: false)
      }

      var result = Dispatch(
        "winograd_out", PushBlock(y, source: step.residual ?? y),
        groups: [count.dividedUp(by: width), y.blocks.count, 1])
      FusedStore.bind(candidate, &result, y, count: sizes.output * 8, &step)
      set(&result.push)
      result.constants[ShaderConstant.dilationH] = sizes.apart[0]
      result.constants[ShaderConstant.dilationW] = sizes.apart[1]
      result.bindings[1] = sums
      result.bindings[4] = y.binding
      try step.add(result)
    }
  }

  /// The product of some frequencies of a chunk.
  private static func product(
    _ candidate: VulkanCandidate, _ count: Int, _ frequencies: Int, _ blocks: Int
  ) -> Dispatch {
    let isShuffled = candidate.facts.shuffledLanes.map { $0 >= 8 } ?? false
    // Invocations of a workgroup, four cells each.
    let lanes = candidate.facts.info.kind != .cpu ? 64 : count < 64 ? 8 : 16
    var dispatch = Dispatch(
      "winograd_gemm" + (isShuffled ? "" : "_plain"), PushBlock(),
      groups: [count.dividedUp(by: 4 * lanes), blocks, frequencies])
    dispatch.constants = [ShaderConstant.lanes: lanes]
    return dispatch
  }
}
