import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Sizes of a Winograd convolution; they depend on the whole image only.
///
/// A convolution of dilation d is d² convolutions of dilation 1 on interleaved phase images; cells are m×m outputs of
/// one phase, anchored to multiples of m·d. Volumes sum the depth taps at each frequency.
struct WinogradGrid: Sendable {
  let cellSize: WinogradCell
  /// Outputs of a cell along each axis.
  var cell: Int { cellSize.rawValue }
  let groups: Int
  /// Per group.
  let inputChannels: Int
  let outputChannels: Int
  let depth: WindowAxis
  let dilation: Int
  let low: (rows: Int, columns: Int)
  /// Inputs from here on are read by no output.
  let inputLimit: (rows: Int, columns: Int)
  /// Cells of a task, and of a stage where patches of many cells are shared by all threads (0: each task has its own),
  /// whose tasks take multiples. Stages keep their weights as they are and transform them anew in every run: they are
  /// many, and memory is slower.
  let taskCells: Int
  let stageCells: Int
  let slices: Int

  /// Bytes of patches that stay in the second cache beside weights and sums, and of a stage in the third, which others
  /// use too: 6.6 MB take 8 to 13 % longer than 5 MB, 9.7 MB 30 %.
  private static let ownBytes = 320 << 10
  private static let sharedBytes = 6 << 20
  /// Bytes of the patches of larger tasks: in a second cache of 1 to 2 MiB, or in the third where weights are many and
  /// therefore should serve many cells. With the bytes of the weights, which the third cache gives to every task, and
  /// the tasks that a map should have: stages are faster for few.
  private static let largeOwnBytes = (second: 1280 << 10, third: 3600 << 10)
  private static let largeOwnWeightBytes = 20 << 20
  private static let largeOwnTasks = 16
  /// Cells that a task should have of its own at least, the bytes that their patches may then take, and the bytes of
  /// transformed weights that the third cache gives to every task anew.
  private static let fewOwnCells = 12
  private static let fewOwnBytes = 704 << 10
  private static let ownWeightBytes = 8 << 20
  /// Cells of a task at most, and of a task of 6×6 cells.
  private static let mostOwnCells = 48
  private static let largeCells = 12...24
  /// Phase images of few pixels fill no cells.
  private static let largestDilation = 64
  /// Bytes of a stage above which each task has its own patches: volumes of many slices.
  private static let largestStage = 64 << 20
  /// Cells that the weights of one frequency should serve, where a frequency's weights are few and many.
  private static let fewestCells = (few: 24, many: 48, channels: 512)

  static func of(_ candidate: Candidate) -> Result<WinogradGrid, Refusal> {
    func refused(_ reason: String) -> Result<WinogradGrid, Refusal> { .failure(Refusal(reason: reason)) }
    guard case .convolution(let payload) = candidate.node.op else { return refused("a transposed convolution") }
    let form: BlockedConvolution
    switch BlockedConvolution.of(candidate) {
    case .failure(let refusal): return refused(refusal.reason)
    case .success(let value): form = value
    }
    if candidate.output.shape.rank < 4 { return refused("one spatial axis") }
    if form.readsPlanes { return refused("\(form.inputChannels) input channels") }
    guard let axes = windowAxes(candidate) else { return refused("no windows") }
    let (d, h, w) = (axes[0], axes[1], axes[2])
    for axis in [h, w] where axis.kernel != 3 || axis.stride != 1 || axis.dilation != h.dilation {
      return refused("kernel \(axis.kernel), stride \(axis.stride), dilation \(axis.dilation)")
    }
    if h.dilation > largestDilation { return refused("dilation \(h.dilation)") }
    if d.stride != 1 || d.kernel > 16 { return refused("depth: kernel \(d.kernel), stride \(d.stride)") }
    let shape = candidate.output.shape
    let costs = WinogradCosts(
      form, axes: [d, h, w], from: candidate.type(0)!.shape, to: shape, hasLargeCache: candidate.table.hasLargeCache)
    guard let cell = costs.best() else { return refused("dilation \(h.dilation): direct costs less") }
    return .success(WinogradGrid(candidate, form, cell: cell, groups: payload.groups, d: d, h: h, w: w))
  }

  private init(
    _ candidate: Candidate, _ form: BlockedConvolution, cell: WinogradCell, groups: Int, d: WindowAxis, h: WindowAxis,
    w: WindowAxis
  ) {
    cellSize = cell
    self.groups = groups
    inputChannels = form.inputChannels
    outputChannels = form.outputChannels
    depth = d
    dilation = h.dilation
    low = (h.low, w.low)
    let shape = candidate.output.shape
    let (height, width) = (shape[shape.rank - 2], shape[shape.rank - 1])
    slices = shape.rank > 4 ? shape[2] : 1
    inputLimit = (height - h.low + 2 * dilation, width - w.low + 2 * dilation)
    let frequencies = cell.frequencies
    let sizes = ChunkSizes(
      cells: WinogradCosts.cellCount(height, dilation, cell) * WinogradCosts.cellCount(width, dilation, cell),
      cellBytes: frequencies * form.mapBlocks * Layout.block * 4, depthTaps: d.kernel, planes: slices + d.extent - 1,
      table: candidate.table)
    let weightBytes = frequencies * d.kernel * inputChannels * outputChannels * 4
    let runBytes = frequencies * d.kernel * inputChannels * candidate.table.pointee.wide * Layout.block * 4
    (taskCells, stageCells) =
      cell == .six ? (sizes.largeChunk(runBytes), 0) : sizes.chunks(weightBytes, inputChannels)
  }

  /// What the cells of a task or a stage depend on.
  private struct ChunkSizes {
    let cells: Int
    let cellBytes: Int
    let depthTaps: Int
    /// Slices that are read.
    let planes: Int
    let table: KernelTable
    /// Positions of the register tile.
    var tile: Int { table.pointee.positions }

    /// Of 6×6 cells, whose patches take two fifths of the second cache beside sums and weights, or as many as may be
    /// where the weights of one run of output blocks take more than half of a small cache: these stream, frequency by
    /// frequency. Small maps are shared among threads.
    func largeChunk(_ runBytes: Int) -> Int {
      let range = WinogradGrid.largeCells
      let fitting = table.pointee.second_cache * 2 / 5 / (cellBytes * depthTaps)
      let wanted =
        !table.hasLargeCache && runBytes > table.pointee.second_cache / 2
        ? range.upperBound : max(range.lowerBound, min(range.upperBound, fitting))
      return rounded(max(1, min(wanted, cells / 4)))
    }

    func rounded(_ cells: Int) -> Int { cells.dividedUp(by: tile) * tile }

    func chunks(_ weightBytes: Int, _ channels: Int) -> (task: Int, stage: Int) {
      let few = rounded(WinogradGrid.fewOwnCells)
      let fewFit =
        cellBytes * depthTaps * few <= WinogradGrid.fewOwnBytes && weightBytes <= WinogradGrid.ownWeightBytes
      let fewest = WinogradGrid.fewestCells
      var own = max(WinogradGrid.ownBytes / (cellBytes * depthTaps) / tile * tile, fewFit ? few : 0)
      let bytes = table.hasLargeCache ? WinogradGrid.largeOwnBytes.second : WinogradGrid.largeOwnBytes.third
      let large = min(WinogradGrid.mostOwnCells, bytes / (cellBytes * depthTaps)) / tile * tile
      if (table.hasLargeCache || !fewFit) && large >= fewest.few && weightBytes <= WinogradGrid.largeOwnWeightBytes
        && cells >= large * WinogradGrid.largeOwnTasks
      {
        own = max(own, large)
      }
      let wanted = rounded(channels <= fewest.channels ? fewest.few : fewest.many)
      if own >= min(WinogradGrid.fewOwnCells, cells) || planes > WinogradGrid.largestStage / (cellBytes * wanted) + 1 {
        return (max(tile, min(WinogradGrid.mostOwnCells / tile * tile, own)), 0)
      }
      let fitting = WinogradGrid.sharedBytes / (cellBytes * planes) / tile * tile
      let stages = cells.dividedUp(by: max(wanted, fitting))
      return (wanted, cells.dividedUp(by: stages).dividedUp(by: tile) * tile)
    }
  }

  /// Products of a cell.
  var frequencies: Int { cellSize.frequencies }

  /// Channels that a multiplication takes at a time.
  private static let unit = 256
  var unitChannels: Int { min(inputChannels, WinogradGrid.unit) }
  var units: Int { inputChannels.dividedUp(by: unitChannels) }
  var lastUnitChannels: Int { inputChannels - (units - 1) * unitChannels }

  var inputBlocks: Int { inputChannels.dividedUp(by: Layout.block) }
  /// Terms of a sum at one frequency.
  var terms: Int { depth.kernel * inputChannels }
  /// Floats that the kernel keeps of one weight: at every frequency, or the nine taps.
  var keptWeights: Int { stageCells == 0 ? frequencies : 9 }

  /// Floats of a cell's patches at one frequency.
  var cellFloats: Int { inputBlocks * Layout.block }

  /// Where patches lie. A task's own are cell by cell, so that a transform writes few pages; those of a stage frequency
  /// by frequency, since products take them so from a slower cache. Strides are odd numbers of lines of 16 floats.
  var patchLayout: fcn_cell_layout {
    stageCells == 0
      ? cellByCell(cellFloats) : fcn_cell_layout(frequency: stageCells * cellFloats | 16, cell: cellFloats)
  }
  func sumLayout(wide: Int) -> fcn_cell_layout { cellByCell(wide * Layout.block) }

  private func cellByCell(_ floats: Int) -> fcn_cell_layout {
    fcn_cell_layout(frequency: floats, cell: frequencies * floats | 16)
  }

  func weightStride(wide: Int) -> Int { wide * Layout.block * terms + (stageCells == 0 ? 0 : 16) }

  /// Floats of the patches of one slice.
  var patchFloats: Int { stageCells == 0 ? taskCells * patchLayout.cell : frequencies * patchLayout.frequency }

  func scratchBytes(wide: Int) -> Int {
    let own = stageCells == 0 ? depth.kernel * patchFloats : 0
    let weights = stageCells == 0 ? 0 : frequencies * weightStride(wide: wide)
    let sums = max(taskCells, stageCells) * sumLayout(wide: wide).cell
    return (own + weights + sums) * 4 + 256
  }

  var sharedBytes: Int { stageCells == 0 ? 0 : (slices + depth.extent - 1) * patchFloats * 4 + 64 }

  /// First outputs, along an axis, of the cells that a range of outputs lies in: phase by phase.
  func origins(_ range: Range<Int>) -> [Int] {
    let span = cell * dilation
    return (0..<dilation).flatMap { phase in
      stride(from: range.lowerBound / span * span + phase, to: range.upperBound, by: span).filter {
        $0 + (cell - 1) * dilation >= range.lowerBound
      }
    }
  }
}
