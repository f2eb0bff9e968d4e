import FCNGraph
import FCNRuntime
import FCNTensor

/// Sizes of a convolution or transposed convolution on blocked feature maps; they depend on the whole image only.
struct BlockedConvolution: Sendable {
  /// One ordinary convolution each: depth, row and column axis.
  let phases: [[LatticeAxis]]
  let groups: Int
  /// Per group.
  let inputChannels: Int
  let outputChannels: Int
  /// Of the weights: depth, row, column.
  let kernel: [Int]
  let isTransposed: Bool
  /// Few channels are read from planes, pixel by pixel in a patch of the task.
  let readsPlanes: Bool
  /// The input is brought to `[D][H][W][C]` first, for all taps and output channels; small inputs only.
  let stagesInput: Bool
  /// Taps of a row and channels lie side by side in a patch.
  let mergesColumns: Bool
  /// Of the phases.
  let largestTaps: Int

  private static let largestPhaseCount = 4096
  private static let largestTapCount = 4096
  /// Channels up to which planes are read.
  static let fewChannels = 8
  /// Channels that a sum takes at a time where a pixel's channels lie side by side.
  private static let unit = 256
  /// Bytes of an input that is staged.
  private static let largestStage = 16 << 20

  /// Floats of a patch at most.
  private static let patchLimit = 1 << 21
  /// Columns of a task that reads planes.
  static let patchColumns = 1024

  static func of(_ candidate: Candidate) -> Result<BlockedConvolution, Refusal> {
    func refused(_ reason: String) -> Result<BlockedConvolution, Refusal> { .failure(Refusal(reason: reason)) }
    if candidate.family == .blas || candidate.family == .reference {
      return refused("kernels \(candidate.family.rawValue) are asked for")
    }
    if let reason = convolutionRefusal(candidate) { return refused(reason) }
    guard let x = candidate.type(0), let weights = candidate.type(1), candidate.output.shape.count > 0,
      x.shape.count > 0
    else { return refused("empty") }
    guard Layout.canBlock(x), Layout.canBlock(candidate.output) else { return refused("not 1 to 3 spatial axes") }
    guard let axes = axes(candidate) else { return refused("no windows, or too many phases") }
    let groups: Int
    let isTransposed: Bool
    switch candidate.node.op {
    case .convolution(let payload): (groups, isTransposed) = (payload.groups, false)
    case .convTranspose(let payload): (groups, isTransposed) = (payload.groups, true)
    default: return refused("not a convolution")
    }
    let (input, output) = (x.shape[1] / groups, candidate.output.shape[1] / groups)
    guard groups == 1 || input % Layout.block == 0 && output % Layout.block == 0 else {
      return refused("\(groups) groups of \(input) to \(output) channels: not whole blocks")
    }
    guard max(input, output) >= fewChannels else { return refused("\(input) to \(output) channels") }
    let kernel = Array(repeating: 1, count: 5 - weights.shape.rank) + weights.shape.dims[2...]
    guard kernel.reduce(1, *) <= largestTapCount else { return refused("\(kernel) taps") }
    let inputBytes = x.shape.dims[2...].reduce(input * 4) { saturatingProduct($0, $1) }
    return .success(BlockedConvolution(axes, groups, input, output, kernel, isTransposed, inputBytes))
  }

  private static func axes(_ candidate: Candidate) -> [[LatticeAxis]]? {
    var phaseCount = 1
    var axes: [[LatticeAxis]] = []
    for dependence in candidate.sizing.rule.inputs[0].dropFirst(2) {
      switch dependence.rule {
      case .window(let axis): axes.append(LatticeAxis.convolution(axis))
      case .transposedWindow(let axis):
        phaseCount *= min(axis.stride, largestPhaseCount + 1)
        guard phaseCount <= largestPhaseCount, axis.kernel <= 1 << 24 / axis.stride else { return nil }
        axes.append(LatticeAxis.transposed(axis))
      case .pointwise, .resample, .strided, .padded, .spread, .gathered, .placed, .repeated, .broadcast, .everything:
        return nil
      }
    }
    return Array(repeating: [.none], count: 3 - axes.count) + axes
  }

  private init(
    _ axes: [[LatticeAxis]], _ groups: Int, _ input: Int, _ output: Int, _ kernel: [Int], _ isTransposed: Bool,
    _ inputBytes: Int
  ) {
    var phases: [[LatticeAxis]] = []
    for d in axes[0] { for h in axes[1] { for w in axes[2] { phases.append([d, h, w]) } } }
    self.phases = phases
    largestTaps = phases.map { $0.reduce(1) { $0 * $1.taps.count } }.max() ?? 0
    self.groups = groups
    inputChannels = input
    outputChannels = output
    self.kernel = kernel
    self.isTransposed = isTransposed
    readsPlanes =
      groups == 1 && input < BlockedConvolution.fewChannels
      && BlockedConvolution.largestPatch(phases, input) <= BlockedConvolution.patchLimit
    let hasTaps = phases.contains { $0.contains { $0.taps.count > 1 } }
    stagesInput =
      hasTaps && !readsPlanes && input > Layout.block && output >= 2 * Layout.block
      && inputBytes <= BlockedConvolution.largestStage
    mergesColumns = readsPlanes && phases.allSatisfy { $0[2].isContiguous }
  }

  /// So few outputs that input channels are lanes too.
  var isNarrow: Bool { groups == 1 && !readsPlanes && outputChannels <= 4 }

  /// One tap: a task packs its pixels, channels side by side.
  var packsPixels: Bool { !readsPlanes && !isNarrow && largestTaps == 1 && outputChannels >= 2 * Layout.block }
  /// Channels side by side in a staged or packed input.
  var pixelFloats: Int { mapBlocks * Layout.block }
  /// Blocks of the input map.
  var mapBlocks: Int { inputChannels.dividedUp(by: Layout.block) }
  private var blockChannels: Int {
    packsPixels || stagesInput ? min(pixelFloats, BlockedConvolution.unit) : Layout.block
  }

  /// Rows of a task that reads planes, at `columns` each: some, since neighbours read the same.
  static func patchRows(_ columns: Int) -> Int { max(1, min(64, 4096 / max(1, columns))) }

  /// Floats of the largest patch `[depth taps][rows][columns][channels]`.
  static func largestPatch(_ phases: [[LatticeAxis]], _ channels: Int) -> Int {
    // Rows shrink as columns grow: the largest patch between two powers of two has the rows of the lower.
    let widths = Array(sequence(first: 1) { $0 < patchColumns ? $0 * 2 : nil })
    var largest = 0
    for axes in phases.prefix(16) {
      for width in widths {
        let rows = min(saturatingProduct(patchRows(width) - 1, axes[1].inputStep), 1 << 40) + axes[1].span + 1
        let columns = min(saturatingProduct(2 * width - 1, axes[2].inputStep), 1 << 40) + axes[2].span + 1
        let plane = saturatingProduct(rows, columns)
        largest = max(largest, saturatingProduct(plane, channels * axes[0].taps.count))
      }
    }
    // Phases of a transposed convolution differ by one tap.
    return phases.count > 16 ? saturatingProduct(largest, 4) : largest
  }

  /// Floats of the largest patch that a task copies.
  var largestPatch: Int { BlockedConvolution.largestPatch(phases, inputChannels) }

  /// Blocks of input channels of a sum, and the channels of one.
  var inputBlocks: Int { readsPlanes ? 1 : inputChannels.dividedUp(by: blockChannels) }
  func channels(_ phase: Int) -> Int {
    if mergesColumns { return inputChannels * phases[phase][2].taps.count }
    return readsPlanes ? inputChannels : blockChannels
  }
  func lastChannels(_ phase: Int) -> Int {
    readsPlanes ? channels(phase) : inputChannels - (inputBlocks - 1) * blockChannels
  }

  /// Taps of a sum as it is computed: a merged row is one.
  func reducedTaps(_ phase: Int) -> Int {
    let (d, h, w) = (phases[phase][0].taps.count, phases[phase][1].taps.count, phases[phase][2].taps.count)
    return d * h * (mergesColumns ? min(1, w) : w)
  }

  /// Terms of one output's sum.
  func depth(_ phase: Int) -> Int { phases[phase].reduce(inputChannels) { $0 * $1.taps.count } }

  /// Positions of a task: its input stays in the second cache while all output blocks pass by, and weights, which come
  /// from the third, serve some tiles. The weights of many taps are more than the input that one of them reads; 192
  /// positions are what the kernels list.
  func positions(_ table: KernelTable) -> Int {
    let tile = table.positions
    let fewest = table.hasLargeCache ? 56 : 24
    let most = 192
    let wanted = stagesInput ? most : min(most, max(fewest, (1 << 16) / max(1, inputChannels)))
    let bounded = min(wanted, max(24, (1 << 15) / max(1, largestTaps)))
    return max(tile, bounded / tile * tile)
  }

  /// Where the terms of a phase lie in the weights of output channel 0, in the order of the sum: block, tap, channel.
  func weightOffsets(_ phase: Int) -> [Int] {
    let taps = kernel.reduce(1, *)
    let channelStride = isTransposed ? outputChannels * taps : taps
    let (d, h, w) = (phases[phase][0].taps, phases[phase][1].taps, phases[phase][2].taps)
    var result: [Int] = []
    result.reserveCapacity(depth(phase))
    for block in 0..<inputBlocks {
      let first = block * blockChannels
      let channels = readsPlanes ? 0..<inputChannels : first..<min(inputChannels, first + blockChannels)
      for kd in d {
        for kh in h {
          for kw in w {
            let tap = (kd * kernel[1] + kh) * kernel[2] + kw
            for c in channels { result.append(c * channelStride + tap) }
          }
        }
      }
    }
    return result
  }
}

/// a·b, at most the largest integer.
private func saturatingProduct(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}

extension LatticeAxis {
  /// Taps read neighbours in rising order.
  var isContiguous: Bool { zip(offsets, offsets.dropFirst()).allSatisfy { $1 == $0 + 1 } }
}
