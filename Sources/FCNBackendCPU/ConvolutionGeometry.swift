import FCNGraph
import FCNTensor

/// A convolution's sizes and the blocks that its products run over; depends on whole-image sizes only.
struct ConvolutionGeometry: Sendable {
  /// One ordinary convolution each: depth, row and column axis.
  let phases: [[LatticeAxis]]
  let groups: Int
  /// Per group.
  let inputChannels: Int
  let outputChannels: Int
  let spatialRank: Int
  let kernel: [Int]
  /// Phases of all axes together; each is a convolution of its own.
  private static let largestPhaseCount = 4096
  /// Rows and columns of a block, anchored to their multiples.
  let blockRows: Int
  let blockColumns: Int

  /// Rows and columns beyond a block that its taps read, where panels keep whole rows; nil: a panel repeats its input
  /// for every tap.
  let halo: (rows: Int, columns: Int)?

  /// - Parameters:
  ///   - panelFloats: wanted size of a panel, K × positions.
  ///   - keepsRows: whether panels may keep whole rows.
  init?(_ candidate: Candidate, panelFloats: Int, minimumColumns: Int, keepsRows: Bool = false) {
    guard let x = candidate.type(0), let weights = candidate.type(1), candidate.output.shape.count > 0 else {
      return nil
    }
    var phaseCount = 1
    var axes: [[LatticeAxis]] = []
    for dependence in candidate.sizing.rule.inputs[0].dropFirst(2) {
      switch dependence.rule {
      case .window(let axis): axes.append(LatticeAxis.convolution(axis))
      case .transposedWindow(let axis):
        phaseCount *= min(axis.stride, ConvolutionGeometry.largestPhaseCount + 1)
        guard phaseCount <= ConvolutionGeometry.largestPhaseCount, axis.kernel <= 1 << 24 / axis.stride else {
          return nil
        }
        axes.append(LatticeAxis.transposed(axis))
      case .pointwise, .resample, .strided, .padded, .spread, .gathered, .placed, .repeated, .broadcast, .everything:
        return nil
      }
    }
    guard (1...3).contains(axes.count) else { return nil }
    spatialRank = axes.count
    kernel = Array(repeating: 1, count: 3 - spatialRank) + weights.shape.dims[2...]
    axes = Array(repeating: [.none], count: 3 - spatialRank) + axes
    var phases: [[LatticeAxis]] = []
    for d in axes[0] { for h in axes[1] { for w in axes[2] { phases.append([d, h, w]) } } }
    self.phases = phases
    if case .convolution(let payload) = candidate.node.op {
      groups = payload.groups
    } else if case .convTranspose(let payload) = candidate.node.op {
      groups = payload.groups
    } else {
      return nil
    }
    inputChannels = x.shape[1] / groups
    outputChannels = candidate.output.shape[1] / groups
    let channels = inputChannels
    let depth = phases.map { channels * $0[0].taps.count * $0[1].taps.count * $0[2].taps.count }.max() ?? 0
    let dims = Array(repeating: 1, count: 3 - spatialRank) + candidate.output.shape.dims[2...]
    let columns = dims[2].dividedUp(by: axes[2][0].outputStep)
    let rows = dims[1].dividedUp(by: axes[1][0].outputStep)
    if keepsRows,
      let form = RowBlocks(phases, channels: (channels, outputChannels), rows: rows, columns: columns)
    {
      (blockRows, blockColumns, halo) = (form.rows, form.columns, form.halo)
      return
    }
    halo = nil
    let wanted = max(minimumColumns, min(512, panelFloats / max(1, depth) / 32 * 32))
    blockColumns = RowBlocks.columns(of: columns, atMost: max(wanted, min(512, 2 * wanted)))
    blockRows = max(1, min(rows, wanted / blockColumns))
  }

  /// Terms of one output's sum.
  func depth(_ phase: Int) -> Int {
    phases[phase].reduce(inputChannels) { $0 * $1.taps.count }
  }

  var largestDepth: Int { phases.indices.map(depth).max() ?? 0 }

  /// Accumulators from one row of a block to the next.
  var pitch: Int { blockColumns + (halo?.columns ?? 0) }

  /// Columns of a panel, up to a multiple of the strip.
  func panelColumns(strip: Int) -> Int { (blockRows * pitch + strip - 1) / strip * strip }

  /// Floats of one channel and depth tap where panels keep whole rows.
  func planeFloats(strip: Int) -> Int {
    let reach = (halo?.rows ?? 0) * pitch + (halo?.columns ?? 0)
    return (panelColumns(strip: strip) + reach + 15) / 16 * 16
  }

  /// Floats of the largest panel.
  func panelFloats(strip: Int) -> Int {
    guard halo != nil else { return largestDepth * panelColumns(strip: strip) }
    let planes = phases.map { inputChannels * $0[0].taps.count }.max() ?? 0
    return planes * planeFloats(strip: strip)
  }

  /// For each tap of a phase where it reads, relative to an output's position in a plane.
  func rowOffsets(_ phase: Int) -> [Int] {
    let (h, w) = (phases[phase][1], phases[phase][2])
    return h.offsets.flatMap { row in
      w.offsets.map { (row - h.lowest) * pitch + $0 - w.lowest }
    }
  }

  /// The weights of one group and phase as rows over (channel, depth tap, row tap, column tap).
  func weights(_ source: UnsafeBufferPointer<Float>, group: Int, phase: Int, transposed: Bool) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(outputChannels * depth(phase))
    let axes = phases[phase]
    let taps = kernel[0] * kernel[1] * kernel[2]
    for m in 0..<outputChannels {
      for c in 0..<inputChannels {
        let plane =
          transposed
          ? ((group * inputChannels + c) * outputChannels + m) * taps
          : ((group * outputChannels + m) * inputChannels + c) * taps
        for d in axes[0].taps {
          for h in axes[1].taps {
            for w in axes[2].taps { result.append(source[plane + (d * kernel[1] + h) * kernel[2] + w]) }
          }
        }
      }
    }
    return result
  }
}
