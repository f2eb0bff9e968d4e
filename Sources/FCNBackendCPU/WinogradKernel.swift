import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// 3×3 and k×3×3 convolutions of stride 1 and any dilation by Winograd's F(4×4, 3×3) on blocked feature maps: a quarter
/// of the multiplications.
///
/// The output is cut into cells of 4×4, anchored to multiples of 4·dilation in the image; a cell reads its whole 6×6
/// patch, so that the grain is 4·dilation along rows and columns. Channels lie in vector lanes and cells never mix: what
/// a cell computes depends on neither its neighbours nor the region. Products run over channels (and depth taps) in
/// order. Source: Lavin and Gray 2016, arXiv:1509.09308.
struct WinogradKernel: KernelFactory, StepKernel {
  let grid: WinogradGrid
  let table: KernelTable
  let blocks: OutputBlocks
  let epilogue: Epilogue
  private let weights: FloatStore
  private let zeros: FloatStore

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_conv_winograd4x4__\(candidate.table.isa)"
    if candidate.family != .auto { return .refused(name, "kernels \(candidate.family.rawValue) are asked for") }
    switch WinogradGrid.of(candidate) {
    case .failure(let refusal): return .refused(name, refusal.reason)
    case .success(let grid):
      var offer = convolutionOffer(name, grid.scratchBytes(wide: candidate.table.pointee.wide))
      offer.sharedBytes = grid.sharedBytes
      offer.inputLayouts = [.blocked]
      let isNarrow = grid.outputChannels * grid.groups < BlockedConvolution.fewChannels
      offer.outputLayout = isNarrow ? .planar : .blocked
      offer.canStorePlanar = true
      let span = WinogradGrid.cell * grid.dilation
      let shape = candidate.output.shape
      offer.grain = [1, shape[1]] + Array(repeating: 1, count: shape.rank - 4) + [span, span]
      return offer
    }
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try WinogradKernel(candidate, step)
  }

  private init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    guard case .success(let grid) = WinogradGrid.of(candidate) else { preconditionFailure("the kernel was refused") }
    self.grid = grid
    table = candidate.table
    blocks = OutputBlocks(channels: grid.outputChannels, wide: table.pointee.wide)
    epilogue = try Epilogue(
      bias: convolutionBias(candidate), channels: grid.outputChannels * grid.groups,
      activation: step.activation.flatMap(Activation.init) ?? .none)
    zeros = try FloatStore(count: grid.unitChannels)
    weights = try FloatStore(
      count: grid.groups * blocks.count * Layout.block * WinogradGrid.frequencies * grid.depth.kernel
        * grid.inputChannels)
    pack(candidate)
  }

  /// Floats of the weights of one output channel at one frequency.
  private var terms: Int { grid.depth.kernel * grid.inputChannels }

  func weights(group: Int, run: OutputBlocks.Run, frequency: Int) -> UnsafePointer<Float> {
    let first = (group * blocks.count + run.first) * Layout.block * WinogradGrid.frequencies * terms
    return UnsafePointer(weights.pointer + first + frequency * run.wide * Layout.block * terms)
  }

  /// For each run of output blocks: `[36][units][depth taps][channels][lanes]`.
  private func pack(_ candidate: Candidate) {
    let source = candidate.constant(1)!
    let taps = grid.depth.kernel
    source.withElements(Float.self) { source in
      candidate.pool.run(grid.groups * blocks.runs.count) { task, _ in
        let (group, run) = (task / blocks.runs.count, blocks.runs[task % blocks.runs.count])
        let first = group * grid.outputChannels + run.first * Layout.block
        let rows = min(run.wide * Layout.block, grid.outputChannels - run.first * Layout.block)
        let lanes = run.wide * Layout.block
        var place = UnsafeMutablePointer(mutating: weights(group: group, run: run, frequency: 0))
        for unit in 0..<grid.units {
          let c = unit * grid.unitChannels
          let channels = min(grid.unitChannels, grid.inputChannels - c)
          for tap in 0..<taps {
            table.pointee.f32_cells_weights(
              source.baseAddress! + (first * grid.inputChannels + c) * taps * 9 + tap * 9, rows,
              grid.inputChannels * taps * 9, channels, taps * 9, lanes, lanes * terms, place)
            place += channels * lanes
          }
        }
      }
    }
    source.storage.releasePages()
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let run = WinogradRun(self, context, x, y)
    if grid.stageCells == 0 { run.runTasks() } else { run.runStages() }
  }

  /// Sums at all frequencies for one run of output blocks; patches lie at `patches + frequency·stride + offsets[tap][cell]`.
  func multiply(
    _ patches: UnsafePointer<Float>, stride: Int, offsets: UnsafePointer<Int>, offsetsStride: Int, count: Int,
    group: Int, run: OutputBlocks.Run, sums: UnsafeMutablePointer<Float>
  ) {
    var reduction = fcn_reduction(
      src: patches, zeros: zeros.pointer, blocks: grid.units, block_stride: grid.unitChannels,
      channels: grid.unitChannels, last_channels: grid.lastUnitChannels, taps: grid.depth.kernel, offsets: offsets,
      offsets_stride: offsetsStride)
    for frequency in 0..<WinogradGrid.frequencies {
      reduction.src = patches + frequency * stride
      table.pointee.f32_reduce(
        &reduction, run.wide, count, weights(group: group, run: run, frequency: frequency),
        sums + frequency * grid.sumStride(wide: run.wide))
    }
  }
}
