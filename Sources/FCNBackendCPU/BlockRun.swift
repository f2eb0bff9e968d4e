import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// One phase of a convolution over blocked input: chunks of positions in raster order, with a table of where they read.
struct BlockRun {
  private let kernel: BlockedConvolutionKernel
  private let context: StepContext
  private let x: BufferView
  private let source: BlockedBox
  private let target: ConvolutionTarget
  private let phase: Int
  private let axes: [LatticeAxis]
  private let rows, columns: Range<Int>
  private let stored: ConvolutionTarget.Tables
  /// Offset of each tap's row and column from the slice's first pixel, -1 where it is not held: beyond the border.
  private let rowTable, columnTable: [Int]
  private let chunk: Int

  init(
    _ kernel: BlockedConvolutionKernel, _ context: StepContext, _ x: BufferView, _ target: ConvolutionTarget,
    _ phase: Int, _ rows: Range<Int>, _ columns: Range<Int>
  ) {
    self.kernel = kernel
    self.context = context
    self.x = x
    source = BlockedBox(x)
    self.target = target
    self.phase = phase
    axes = kernel.form.phases[phase]
    self.rows = rows
    self.columns = columns
    stored = target.tables(axes, rows, columns)
    rowTable = BlockRun.table(axes[1], rows, source.h, source.rowStride)
    columnTable = BlockRun.table(axes[2], columns, source.w, Layout.block)
    chunk = kernel.form.positions(tile: kernel.table.pointee.positions)
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
    let tasks = tasks()
    context.run(tasks.count) { index, worker in run(tasks[index], context.scratch(worker: worker)) }
  }

  private func tasks() -> [ConvolutionTask] {
    let positions = rows.count * columns.count
    let chunks = positions.dividedUp(by: chunk)
    let depths = axes[0].positions(target.d)
    let shares = kernel.blocks.shares(
      others: chunks * depths.count * target.n.count * kernel.form.groups, wanted: 4 * context.threadCount)
    var result: [ConvolutionTask] = []
    for image in target.n {
      for group in 0..<kernel.form.groups {
        for depth in depths {
          // All positions for one share of the weights after the other: weights of deep layers are read once.
          for share in shares {
            for first in stride(from: 0, to: positions, by: chunk) {
              result.append(
                ConvolutionTask(
                  image: image, group: group, phase: phase, z: depth * axes[0].outputStep + axes[0].phase, depth: depth,
                  first: first, count: min(chunk, positions - first), runs: share))
            }
          }
        }
      }
    }
    return result
  }

  private func run(_ task: ConvolutionTask, _ scratch: UnsafeMutableRawPointer) {
    let offsets = scratch.assumingMemoryBound(to: Int.self)
    let acc = (scratch + kernel.form.largestTaps * chunk * 8 + 64).alignedUp(toMultipleOf: 64)
      .assumingMemoryBound(to: Float.self)
    let depthTable = axes[0].offsets.map { offset in
      let index = task.depth * axes[0].inputStep + offset
      return source.d.contains(index) && source.n.contains(task.image)
        ? (index - source.d.lowerBound) * source.depthStride : -1
    }
    let first = task.group * kernel.form.inputBlocks
    // Where nothing is read, the held region is what others asked for and may lack this image or these channels.
    let isHeld =
      source.n.contains(task.image) && source.blocks.lowerBound <= first
      && first + kernel.form.inputBlocks <= source.blocks.upperBound
    let base = isHeld ? source.offset(image: task.image, block: first, z: source.d.lowerBound) : 0
    var reduction = kernel.reduction(phase, x.floats + base, blockStride: source.blockStride, count: chunk)
    depthTable.withUnsafeBufferPointer { depthTable in
      rowTable.withUnsafeBufferPointer { rowTable in
        columnTable.withUnsafeBufferPointer { columnTable in
          var lattice = fcn_lattice(
            rows: rows.count, columns: columns.count, depth_taps: isHeld ? axes[0].taps.count : 0,
            row_taps: axes[1].taps.count, column_taps: axes[2].taps.count, depth: depthTable.baseAddress,
            row: rowTable.baseAddress, column: columnTable.baseAddress)
          kernel.table.pointee.f32_offsets(&lattice, task.first, task.count, offsets, chunk)
        }
      }
    }
    if !isHeld { (0..<reduction.taps * chunk).forEach { offsets[$0] = -1 } }
    reduction.offsets = UnsafePointer(offsets)
    withStoreTarget(stored) { store in kernel.reduce(&reduction, task, &store, target, acc) }
  }

  private func withStoreTarget(_ tables: ConvolutionTarget.Tables, _ body: (inout fcn_store_target) -> Void) {
    tables.withStoreTarget(columns: columns.count, body)
  }
}

extension ConvolutionTarget.Tables {
  func withStoreTarget(columns: Int, _ body: (inout fcn_store_target) -> Void) {
    row.withUnsafeBufferPointer { row in
      column.withUnsafeBufferPointer { column in
        residualRow.withUnsafeBufferPointer { residualRow in
          residualColumn.withUnsafeBufferPointer { residualColumn in
            var store = fcn_store_target()
            store.columns = columns
            store.row = row.baseAddress
            store.column = column.baseAddress
            store.residual_row = residualRow.baseAddress
            store.residual_column = residualColumn.baseAddress
            store.is_dense = isDense ? 1 : 0
            body(&store)
          }
        }
      }
    }
  }
}
