import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// The transformed weights of a Winograd convolution, and the products with transformed patches at every frequency.
struct WinogradProducts: Sendable {
  let grid: WinogradGrid
  let table: KernelTable
  let blocks: OutputBlocks
  let epilogue: Epilogue
  private let weights: FloatStore
  private let zeros: FloatStore

  init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    guard case .success(let grid) = WinogradGrid.of(candidate) else { preconditionFailure("the kernel was refused") }
    self.grid = grid
    table = candidate.table
    blocks = OutputBlocks(channels: grid.outputChannels, wide: table.pointee.wide)
    epilogue = try Epilogue(
      bias: convolutionBias(candidate), channels: grid.outputChannels * grid.groups,
      activation: step.activation.flatMap(Activation.init) ?? .none)
    zeros = try FloatStore(count: grid.unitChannels)
    weights = try FloatStore(
      count: grid.groups * blocks.count * Layout.block * grid.keptWeights * grid.terms, zeroed: false)
    precondition(cells.pointee.size == grid.cell, "the table's cells")
    pack(candidate)
  }

  /// The transforms.
  var cells: UnsafePointer<fcn_cells> {
    switch grid.cellSize {
    case .three: table.pointee.cells3
    case .four: table.pointee.cells4
    case .six: table.pointee.cells6
    }
  }

  /// Those of one run of output blocks.
  func weights(group: Int, run: OutputBlocks.Run) -> UnsafeMutablePointer<Float> {
    weights.pointer + (group * blocks.count + run.first) * Layout.block * grid.keptWeights * grid.terms
  }

  /// For each run of output blocks `[frequencies][units][depth taps][channels][lanes]`, or `[units][depth
  /// taps][channels][9][lanes]` for stages.
  private func pack(_ candidate: Candidate) {
    let taps = grid.depth.kernel
    candidate.packWeights { source, factors in
      candidate.pool.run(grid.groups * blocks.runs.count) { task, _ in
        let (group, run) = (task / blocks.runs.count, blocks.runs[task % blocks.runs.count])
        let first = group * grid.outputChannels + run.first * Layout.block
        let rows = min(run.wide * Layout.block, grid.outputChannels - run.first * Layout.block)
        let lanes = run.wide * Layout.block
        var place = weights(group: group, run: run)
        for unit in 0..<grid.units {
          let c = unit * grid.unitChannels
          let channels = min(grid.unitChannels, grid.inputChannels - c)
          for tap in 0..<taps {
            let kernels = source + 4 * ((first * grid.inputChannels + c) * taps + tap) * 9
            if grid.stageCells == 0 {
              cells.pointee.weights(
                kernels, rows, grid.inputChannels * taps * 9, channels, taps * 9, lanes, lanes * grid.terms,
                factors.map { $0 + first },
                place)
              place += channels * lanes
            } else {
              let offsets = (0..<channels * 9).map { $0 / 9 * taps * 9 + $0 % 9 }
              table.pointee.f32_pack_lanes(
                kernels, rows, grid.inputChannels * taps * 9, offsets, offsets.count, lanes,
                factors.map { $0 + first }, place)
              place += offsets.count * lanes
            }
          }
        }
      }
    }
  }

  /// The weights of a run at all frequencies, for stages.
  func transform(group: Int, run: OutputBlocks.Run, _ place: UnsafeMutablePointer<Float>) {
    let lanes = run.wide * Layout.block
    cells.pointee.kernels(
      weights(group: group, run: run), grid.terms, lanes, grid.weightStride(wide: run.wide), place)
  }

  /// The weights and sums of one run of output blocks, at all frequencies.
  struct Product {
    var run: OutputBlocks.Run
    var weights: UnsafePointer<Float>
    var sums: UnsafeMutablePointer<Float>
  }

  /// Sums at all frequencies for a run of output blocks and `count` cells in a row; the first cell's patches lie at
  /// `patches + offsets[tap]`, below 0: beyond the border.
  func multiply(_ patches: UnsafePointer<Float>, offsets: UnsafePointer<Int>, count: Int, _ product: Product) {
    let (layout, sums) = (grid.patchLayout, grid.sumLayout(wide: product.run.wide))
    var reduction = fcn_reduction(
      src: patches, zeros: zeros.pointer, blocks: grid.units, block_stride: grid.unitChannels,
      channels: grid.unitChannels, last_channels: grid.lastUnitChannels, taps: grid.depth.kernel, offsets: offsets,
      offsets_stride: 1, pitch: layout.cell, sums_pitch: sums.cell)
    var frequencies = fcn_frequencies(
      count: grid.frequencies, src_stride: layout.frequency,
      weights_stride: grid.weightStride(wide: product.run.wide), sums_stride: sums.frequency)
    table.pointee.f32_products(&reduction, &frequencies, product.run.wide, count, product.weights, product.sums)
  }
}
