import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Phases of a convolution over blocked input that read the same: chunks of positions in raster order, with a table of
/// where they read. Where that pays, channels of a pixel are brought side by side first: of a task's own pixels, once
/// for all phases, or of the whole input.
struct BlockRun {
  private let sums: BlockedSums
  private let context: StepContext
  private let x: BufferView
  private let source: BlockedBox
  private let target: ConvolutionTarget
  private let phases: [StoredPhase]
  /// Of the first phase.
  private let axes: [LatticeAxis]
  private let rows, columns: Range<Int>
  /// Offset of each tap's row and column from the slice's first pixel, -1 where it is not held: beyond the border.
  private let rowTable, columnTable: [Int]
  private let chunk: Int
  /// Of the form: a task that took them from there would retain its arrays, as the other threads' tasks do.
  private let mapBlocks, pixelFloats, largestTaps: Int
  private let stagesInput, packsPixels: Bool
  /// Pixels that lie side by side are read where they are: blocks of one tap, and where a task would pack them.
  private let readsPixels, readsMap: Bool
  /// Without source and offsets.
  private let reduction: fcn_reduction

  /// Blocks of input channels up to which pixels are read from the map whatever the outputs. Packing pays where
  /// outputs are many: every run of them reads the pixels again, whose blocks, far apart in the map, fall on the same
  /// sets of a cache. Measured: 256 → 1024 channels lose 6 % without it, 160 → 960 gain some.
  private static let fewBlocks = 12
  /// Runs of output blocks up to which they are, whatever the input.
  private static let fewRuns = 16

  private struct StoredPhase {
    /// Of the form's.
    let index: Int
    /// Output slice z = position·step + slice.
    let slice: Int
    let stored: ConvolutionTarget.Tables
  }

  init(
    _ sums: BlockedSums, _ context: StepContext, _ x: BufferView, _ target: ConvolutionTarget,
    _ phases: [Int], _ rows: Range<Int>, _ columns: Range<Int>
  ) {
    self.sums = sums
    self.context = context
    self.x = x
    source = BlockedBox(x)
    self.target = target
    self.phases = phases.map { index in
      let axes = sums.form.phases[index]
      return StoredPhase(index: index, slice: axes[0].phase, stored: target.tables(axes, rows, columns))
    }
    axes = sums.form.phases[phases[0]]
    self.rows = rows
    self.columns = columns
    let form = sums.form
    (mapBlocks, pixelFloats, largestTaps) = (form.mapBlocks, form.pixelFloats, form.largestTaps)
    (stagesInput, packsPixels) = (form.stagesInput, form.packsPixels)
    readsPixels = !stagesInput && !packsPixels && !form.isNarrow && form.largestTaps == 1
    readsMap = mapBlocks <= BlockRun.fewBlocks || sums.blocks.runs.count <= BlockRun.fewRuns
    let pixel = stagesInput ? pixelFloats : Layout.block
    rowTable = BlockRun.table(axes[1], rows, source.h, source.w.count * pixel)
    columnTable = BlockRun.table(axes[2], columns, source.w, pixel)
    chunk = form.positions(sums.table)
    reduction = sums.reduction(
      phases[0], x.floats,
      blockStride: stagesInput || packsPixels ? form.channels(phases[0]) : source.blockStride,
      count: chunk)
  }

  private static func table(_ axis: LatticeAxis, _ positions: Range<Int>, _ held: Range<Int>, _ stride: Int) -> [Int] {
    axis.offsets.flatMap { offset in
      positions.map { position in
        let index = position * axis.inputStep + offset
        return held.contains(index) ? (index - held.lowerBound) * stride : -1
      }
    }
  }

  func run() {
    for image in target.n {
      for group in 0..<sums.form.groups {
        if stagesInput { stage(image, group) }
        let tasks = tasks(image, group)
        context.run(tasks.count) { index, worker in run(tasks[index], context.scratch(worker: worker)) }
      }
    }
  }

  /// The input of an image and group as `[D][H][W][C]` in shared memory.
  private func stage(_ image: Int, _ group: Int) {
    guard isHeld(image, group) else { return }
    let offsets = (0..<source.w.count).map { $0 * Layout.block }
    let shared = context.shared.assumingMemoryBound(to: Float.self)
    context.run(source.d.count * source.h.count) { row, _ in
      let z = source.d.lowerBound + row / source.h.count
      sums.table.pointee.f32_gather_pixels(
        x.floats + source.offset(image: image, block: group * mapBlocks, z: z) + row % source.h.count
          * source.rowStride,
        mapBlocks, source.blockStride, offsets, offsets.count, shared + row * source.w.count * pixelFloats,
        pixelFloats)
    }
  }

  /// Where nothing is read, the held region is what others asked for and may lack an image or a group's channels.
  private func isHeld(_ image: Int, _ group: Int) -> Bool {
    let first = group * mapBlocks
    return source.n.contains(image) && source.blocks.lowerBound <= first
      && first + mapBlocks <= source.blocks.upperBound
  }

  private func tasks(_ image: Int, _ group: Int) -> [ConvolutionTask] {
    let positions = rows.count * columns.count
    let chunks = positions.dividedUp(by: chunk)
    // Equal shares, so that threads end together.
    let tile = sums.table.pointee.positions
    let size = min(chunk, positions.dividedUp(by: max(1, chunks)).dividedUp(by: tile) * tile)
    let depths = axes[0].positions(target.d)
    let shares = sums.blocks.shares(others: chunks * depths.count, wanted: 4 * context.threadCount)
    var result: [ConvolutionTask] = []
    for depth in depths {
      // All positions for one share of the weights after the other: weights of deep layers are read once.
      for share in shares {
        for first in stride(from: 0, to: positions, by: size) {
          result.append(
            ConvolutionTask(
              image: image, group: group, phase: phases[0].index,
              z: depth * axes[0].outputStep + phases[0].slice, depth: depth, first: first,
              count: min(size, positions - first), runs: share))
        }
      }
    }
    return result
  }

  private func run(_ task: ConvolutionTask, _ memory: UnsafeMutableRawPointer) {
    let scratch = ConvolutionScratch(memory, taps: largestTaps, positions: chunk)
    let offsets = scratch.offsets
    let isHeld = isHeld(task.image, task.group)
    if isHeld {
      fill(offsets, task)
    } else {
      for index in 0..<largestTaps * chunk { offsets[index] = -1 }
    }
    let base = isHeld ? source.offset(image: task.image, block: task.group * mapBlocks, z: source.d.lowerBound) : 0
    var reduction = self.reduction
    reduction.src = UnsafePointer(
      stagesInput ? context.shared.assumingMemoryBound(to: Float.self) : x.floats + base)
    reduction.offsets = UnsafePointer(offsets)
    if readsPixels && reduction.taps == 1 && isContiguous(offsets, task.count) {
      reduction.pitch = Layout.block
    } else if packsPixels && reduction.taps == 1 {
      if readsMap && isContiguous(offsets, task.count) {
        reduction.runOverBlocks(stride: source.blockStride)
      } else {
        sums.table.pointee.f32_gather_pixels(
          x.floats + base, mapBlocks, source.blockStride, offsets, task.count, scratch.input, pixelFloats)
        reduction.src = UnsafePointer(scratch.input)
        offsets[0] = 0
        reduction.pitch = pixelFloats
      }
    }
    // Outputs of phases lie side by side: a line's neighbour is stored while both are in the second cache.
    var task = task
    let (runs, step) = (task.runs, phases.count == 1 ? task.runs.count : 1)
    for run in stride(from: runs.lowerBound, to: runs.upperBound, by: step) {
      task.runs = run..<run + step
      for phase in phases {
        (task.phase, task.z) = (phase.index, task.depth * axes[0].outputStep + phase.slice)
        sums.reduce(&reduction, task, target, phase.stored, scratch)
      }
    }
  }

  /// Whether pixels lie side by side, as where a task's rows are whole rows of the map.
  private func isContiguous(_ offsets: UnsafePointer<Int>, _ count: Int) -> Bool {
    if offsets[0] < 0 { return false }
    for index in 1..<count where offsets[index] - offsets[index - 1] != Layout.block { return false }
    return true
  }

  /// Offsets of the task's positions for every tap.
  private func fill(_ offsets: UnsafeMutablePointer<Int>, _ task: ConvolutionTask) {
    let slice = stagesInput ? source.h.count * source.w.count * pixelFloats : source.depthStride
    let depthTable = axes[0].offsets.map { offset in
      let index = task.depth * axes[0].inputStep + offset
      return source.d.contains(index) ? (index - source.d.lowerBound) * slice : -1
    }
    depthTable.withUnsafeBufferPointer { depthTable in
      rowTable.withUnsafeBufferPointer { rowTable in
        columnTable.withUnsafeBufferPointer { columnTable in
          var lattice = fcn_lattice(
            rows: rows.count, columns: columns.count, depth_taps: axes[0].taps.count, row_taps: axes[1].taps.count,
            column_taps: axes[2].taps.count, depth: depthTable.baseAddress, row: rowTable.baseAddress,
            column: columnTable.baseAddress)
          sums.table.pointee.f32_offsets(&lattice, task.first, task.count, offsets, chunk)
        }
      }
    }
  }
}

extension fcn_reduction {
  /// Sums over the blocks of pixels that lie side by side in a map, instead of packed pixels: the same terms in the
  /// same order.
  fileprivate mutating func runOverBlocks(stride: Int) {
    let terms = (blocks - 1) * channels + last_channels
    blocks = terms.dividedUp(by: Layout.block)
    block_stride = stride
    channels = Layout.block
    last_channels = terms - (blocks - 1) * Layout.block
    pitch = Layout.block
  }
}
