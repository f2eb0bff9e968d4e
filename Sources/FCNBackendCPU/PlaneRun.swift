import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// One phase of a convolution over few planar channels: each task copies its input, pixel by pixel and with the zeros
/// of the border, to a patch `[depth taps][rows][columns][channels]` and reads that.
struct PlaneRun {
  private let sums: BlockedSums
  private let context: StepContext
  private let x: BufferView
  private let source: Box
  private let target: ConvolutionTarget
  private let phase: Int
  private let axes: [LatticeAxis]
  private let rows, columns: Range<Int>
  private let chunk: Int

  init(
    _ sums: BlockedSums, _ context: StepContext, _ x: BufferView, _ target: ConvolutionTarget,
    _ phase: Int, _ rows: Range<Int>, _ columns: Range<Int>
  ) {
    self.sums = sums
    self.context = context
    self.x = x
    source = Box(x)
    self.target = target
    self.phase = phase
    axes = sums.form.phases[phase]
    self.rows = rows
    self.columns = columns
    chunk = sums.form.positions(sums.table)
  }

  /// Rows and columns of the lattice that one task makes.
  private struct Part {
    var image: Int
    var depth: Int
    var rows: Range<Int>
    var columns: Range<Int>
  }

  func run() {
    let parts = parts()
    context.run(parts.count) { index, worker in run(parts[index], context.scratch(worker: worker)) }
  }

  private func parts() -> [Part] {
    var result: [Part] = []
    let width = BlockedConvolution.patchColumns
    let height = BlockedConvolution.patchRows(min(width, columns.count))
    for image in target.n {
      for depth in axes[0].positions(target.d) {
        for h in stride(from: rows.lowerBound, to: rows.upperBound, by: height) {
          for w in stride(from: columns.lowerBound, to: columns.upperBound, by: width) {
            result.append(
              Part(
                image: image, depth: depth, rows: h..<min(h + height, rows.upperBound),
                columns: w..<min(w + width, columns.upperBound)))
          }
        }
      }
    }
    return result
  }

  private func run(_ part: Part, _ memory: UnsafeMutableRawPointer) {
    let form = sums.form
    let scratch = ConvolutionScratch(memory, taps: form.largestTaps, positions: chunk)
    let patch = scratch.input
    let (h, w, c) = (axes[1], axes[2], form.inputChannels)
    let size = (
      rows: (part.rows.count - 1) * h.inputStep + h.span + 1,
      columns: (part.columns.count - 1) * w.inputStep + w.span + 1
    )
    fill(patch, part, size.rows, size.columns)
    let rowStride = size.columns * c
    let depthTable = axes[0].offsets.indices.map { $0 * size.rows * rowStride }
    let rowTable = h.offsets.flatMap { offset in
      (0..<part.rows.count).map { ($0 * h.inputStep + offset - h.lowest) * rowStride }
    }
    let columnOffsets = form.mergesColumns ? w.offsets.prefix(1) : w.offsets[...]
    let columnTable = columnOffsets.flatMap { offset in
      (0..<part.columns.count).map { ($0 * w.inputStep + offset - w.lowest) * c }
    }
    let stored = target.tables(axes, part.rows, part.columns)
    var reduction = sums.reduction(phase, patch, blockStride: 0, count: chunk)
    var lattice = fcn_lattice()
    (lattice.rows, lattice.columns) = (part.rows.count, part.columns.count)
    (lattice.depth_taps, lattice.row_taps, lattice.column_taps) = (depthTable.count, h.taps.count, columnOffsets.count)
    // Positions of a row are equally far apart; short rows leave too many tiles incomplete.
    let isLong = part.columns.count >= PlaneRun.longRow * sums.table.pointee.positions
    reduction.pitch = isLong ? w.inputStep * c : 0
    depthTable.withUnsafeBufferPointer { depthTable in
      rowTable.withUnsafeBufferPointer { rowTable in
        columnTable.withUnsafeBufferPointer { columnTable in
          lattice.depth = depthTable.baseAddress
          lattice.row = rowTable.baseAddress
          lattice.column = columnTable.baseAddress
          for (first, count) in isLong ? segments(part) : chunks(part) {
            let task = ConvolutionTask(
              image: part.image, group: 0, phase: phase, z: part.depth * axes[0].outputStep + axes[0].phase,
              depth: part.depth, first: first, count: count,
              runs: 0..<sums.blocks.runs.count)
            sums.table.pointee.f32_offsets(&lattice, first, isLong ? 1 : count, scratch.offsets, chunk)
            reduction.offsets = UnsafePointer(scratch.offsets)
            sums.reduce(&reduction, task, target, stored, scratch)
          }
        }
      }
    }
  }

  /// Register tiles of a row from which it is long.
  private static let longRow = 6

  /// Parts of rows, whole register tiles but for the last of a row.
  private func segments(_ part: Part) -> [(first: Int, count: Int)] {
    let (columns, tile) = (part.columns.count, sums.table.pointee.positions)
    let size = min(chunk, columns.dividedUp(by: columns.dividedUp(by: chunk)).dividedUp(by: tile) * tile)
    return (0..<part.rows.count).flatMap { row in
      stride(from: 0, to: columns, by: size).map { (row * columns + $0, min(size, columns - $0)) }
    }
  }

  /// Positions in raster order.
  private func chunks(_ part: Part) -> [(first: Int, count: Int)] {
    let positions = part.rows.count * part.columns.count
    return stride(from: 0, to: positions, by: chunk).map { ($0, min(chunk, positions - $0)) }
  }

  private func fill(_ patch: UnsafeMutablePointer<Float>, _ part: Part, _ height: Int, _ width: Int) {
    let (h, w, c) = (axes[1], axes[2], sums.form.inputChannels)
    let isHeld = source.n.contains(part.image) && source.c == 0..<c
    for (index, offset) in axes[0].offsets.enumerated() {
      let z = part.depth * axes[0].inputStep + offset
      let isInside = isHeld && source.d.contains(z)
      let plane = isInside ? source.plane(image: part.image) + (z - source.d.lowerBound) * source.depthStride : 0
      var map = fcn_map(
        src: x.floats + plane, blocks: c, block_stride: source.channelStride, h_stride: source.rowStride,
        h_lo: source.h.lowerBound, h_hi: isInside ? source.h.upperBound : source.h.lowerBound,
        w_lo: source.w.lowerBound, w_hi: source.w.upperBound)
      sums.table.pointee.f32_patch(
        &map, part.rows.lowerBound * h.inputStep + h.lowest, part.columns.lowerBound * w.inputStep + w.lowest, height,
        width, patch + index * height * width * c)
    }
  }
}
